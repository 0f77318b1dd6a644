// NVRTC, CUDA's compiler as a library: from a kernel's text to a cubin, without files or processes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "call.h"
#include "library.h"

namespace oriented1d::cuda {

class Nvrtc {
 public:
  // A path, or a name that the loader looks for. Throws Failure if it cannot be opened.
  explicit Nvrtc(const std::string& path);

  Failure failure(const char* call, int result) const;
  void* symbol(const char* name) const { return library_.symbol(name); }

  // "13.0"
  std::string version() const;
  // The file that was opened.
  std::string path() const { return library_.path_of(library_.symbol("nvrtcVersion")); }
  // The cubin. On any thread, several at once. Throws Failure, with the compiler's log as its text.
  std::string compile(const std::string& file, const std::string& text, const std::vector<std::string>& flags) const;

 private:
  using Program = struct _nvrtcProgram*;
  class OwnedProgram;
  template <class... Parameters>
  using C = Call<Nvrtc, Parameters...>;

  std::string log(Program program) const;

  std::optional<SharedObject> builtins_;  // closed after the library that uses it
  Library library_;
  const char* (*error_name_)(int);
  C<int*, int*> version_{*this, "nvrtcVersion"};
  C<Program*, const char*, const char*, int, const char* const*, const char* const*> create_{*this,
                                                                                             "nvrtcCreateProgram"};
  C<Program*> destroy_{*this, "nvrtcDestroyProgram"};
  C<Program, int, const char* const*> compile_{*this, "nvrtcCompileProgram"};
  C<Program, size_t*> log_size_{*this, "nvrtcGetProgramLogSize"};
  C<Program, char*> log_{*this, "nvrtcGetProgramLog"};
  C<Program, size_t*> cubin_size_{*this, "nvrtcGetCUBINSize"};
  C<Program, char*> cubin_{*this, "nvrtcGetCUBIN"};
};

}  // namespace oriented1d::cuda
