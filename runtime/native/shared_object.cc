#include "shared_object.h"

#include <dlfcn.h>

#include <stdexcept>

namespace oriented1d {

SharedObject::SharedObject(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (!handle_) throw std::runtime_error(dlerror());
}

SharedObject::~SharedObject() {
  if (handle_) dlclose(handle_);
}

const void* SharedObject::symbol(const std::string& name) const {
  const void* address = dlsym(handle_, name.c_str());
  if (!address) throw std::runtime_error(dlerror());
  return address;
}

}  // namespace oriented1d
