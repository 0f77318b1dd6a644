#include "isa.h"

namespace oriented1d {

const char* isa() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The levels that kernels are compiled for imply more than their vectors: a hypervisor may hide some of it.
  if (__builtin_cpu_supports("x86-64-v4")) return "avx512";
  if (__builtin_cpu_supports("x86-64-v3")) return "avx2";
#endif
  return "plain";
}

}  // namespace oriented1d
