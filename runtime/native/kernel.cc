#include "kernel.h"

#include <stdexcept>
#include <utility>

extern "C" const O1dKernel cpp_general_fprop_f32;

namespace oriented1d {

Kernel::Kernel(const std::optional<std::string>& path, const std::string& symbol, Shape shape)
    : functions_(&cpp_general_fprop_f32), shape_(std::move(shape)) {
  if (path) {
    object_.emplace(*path);
    functions_ = static_cast<const O1dKernel*>(object_->symbol(symbol));
  }
  if (functions_->abi != O1D_ABI)
    throw std::runtime_error(symbol + " has kernel ABI " + std::to_string(functions_->abi) + ", this addon has " +
                             std::to_string(O1D_ABI));
}

Weights::Weights(std::shared_ptr<const Kernel> kernel, const float* weight, const float* bias, bool resid)
    : kernel_(std::move(kernel)) {
  const O1dKernel& functions = kernel_->functions();
  const O1dShape* shape = kernel_->shape().c();
  packed_ = allocate(functions.packed_floats(shape) * sizeof(float));
  functions.pack(shape, weight, bias, resid ? 1.0f : 0.0f, reinterpret_cast<float*>(packed_.get()));
}

}  // namespace oriented1d
