#include "parent.h"

#if defined(__linux__)
#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/prctl.h>
#include <unistd.h>
#endif

namespace oriented1d {

#if defined(__linux__)

// What is waited for is the end of the thread that forked, not of its process. Node forks on the thread that calls
// child_process: the main one, which lives as long as its process, or a worker thread, whose children then end with it.
void end_with_parent(int parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    throw std::system_error(errno, std::generic_category(), "prctl(PR_SET_PDEATHSIG)");
  // A parent that was gone before has sent no signal, and left this process to another.
  if (getppid() != parent) raise(SIGKILL);
}

#else

void end_with_parent(int) {}

#endif

}  // namespace oriented1d
