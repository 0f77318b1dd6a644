#include "library.h"

#include <dlfcn.h>

#include <climits>
#include <cstdlib>

#include "call.h"

namespace oriented1d::cuda {

namespace {

SharedObject open(const std::string& path) {
  try {
    return SharedObject(path);
  } catch (const std::runtime_error& error) {
    throw Failure("dlopen", "", error.what());
  }
}

}  // namespace

Library::Library(const std::string& path) : object_(open(path)) {}

void* Library::symbol(const char* name) const {
  try {
    return const_cast<void*>(object_.symbol(name));
  } catch (const std::runtime_error& error) {
    throw Failure("dlsym", "", error.what());
  }
}

std::string Library::path_of(const void* symbol) const {
  Dl_info info{};
  char real[PATH_MAX];
  if (dladdr(symbol, &info) == 0 || !realpath(info.dli_fname, real)) return "";
  return real;
}

}  // namespace oriented1d::cuda
