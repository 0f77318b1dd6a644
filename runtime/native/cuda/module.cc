#include "module.h"

#include <array>
#include <cstring>

namespace oriented1d::cuda {

namespace {

// The image is NUL-terminated, as std::string is: that is how the driver knows a PTX's end.
void load(ModuleHandle* handle, const std::string& image) {
  std::array<char, 4096> log{};
  std::array options{JitOption::ERROR_LOG, JitOption::ERROR_LOG_BYTES};
  std::array<void*, 2> values{log.data(), reinterpret_cast<void*>(log.size())};
  const Driver& cuda = driver();
  const int result = cuda.module_load.quietly(handle, image.c_str(), options.size(), options.data(), values.data());
  if (result == 0) return;
  Failure failure = cuda.failure("cuModuleLoadDataEx", result);
  if (log[0]) failure = Failure(failure.call, failure.name, failure.text + ": " + log.data());
  throw failure;
}

}  // namespace

Module::Module(std::shared_ptr<const Device> device, const std::string& image)
    : owned_(make_owned<decltype(owned_)>(std::move(device), [&image](ModuleHandle* handle) { load(handle, image); })) {}

Function::Function(std::shared_ptr<const Module> module, const std::string& name, unsigned dynamic_shared_bytes)
    : module_(std::move(module)), dynamic_shared_bytes_(dynamic_shared_bytes) {
  const Current current(*device());
  driver().module_function(&handle_, module_->handle(), name.c_str());
  if (dynamic_shared_bytes > 0)
    driver().function_set_attribute(handle_, FunctionAttribute::MAX_DYNAMIC_SHARED_BYTES,
                                    static_cast<int>(dynamic_shared_bytes));
}

int Function::attribute(FunctionAttribute attribute) const {
  const Current current(*device());
  int value = 0;
  driver().function_attribute(&value, attribute, handle_);
  return value;
}

}  // namespace oriented1d::cuda
