// Code on a device, and one kernel of it.
#pragma once
#include <string>

#include "owned.h"

namespace oriented1d::cuda {

class Module {
 public:
  // `image` is the bytes of a cubin, a fatbin or a PTX text. Throws Failure, with the assembler's log for a PTX.
  Module(std::shared_ptr<const Device> device, const std::string& image);

  const std::shared_ptr<const Device>& device() const { return owned_.device(); }
  ModuleHandle handle() const { return owned_.get(); }

 private:
  Owned<ModuleHandle, &Driver::module_unload> owned_;
};

class Function {
 public:
  // Lets the kernel use so much dynamic shared memory, more than the usual 48 KiB if need be.
  // Throws Failure if the module has no such kernel or the device has less.
  Function(std::shared_ptr<const Module> module, const std::string& name, unsigned dynamic_shared_bytes);

  const std::shared_ptr<const Device>& device() const { return module_->device(); }
  FunctionHandle handle() const { return handle_; }
  unsigned dynamic_shared_bytes() const { return dynamic_shared_bytes_; }
  int attribute(FunctionAttribute attribute) const;

 private:
  std::shared_ptr<const Module> module_;
  FunctionHandle handle_ = nullptr;
  unsigned dynamic_shared_bytes_;
};

}  // namespace oriented1d::cuda
