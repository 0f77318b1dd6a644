#include "kernel.h"

#include <stdexcept>
#include <utility>

extern "C" const O1dKernel cpp_general_fprop_f32, cpp_general_dgrad_f32;

namespace oriented1d {

namespace {

const O1dKernel& general(Op op) { return op == Op::dgrad ? cpp_general_dgrad_f32 : cpp_general_fprop_f32; }

}  // namespace

Kernel::Kernel(const std::optional<std::string>& path, const std::string& symbol, Shape shape)
    : functions_(&general(shape.op())), shape_(std::move(shape)) {
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
