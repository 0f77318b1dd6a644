#include "gradient_launch.h"

#include <utility>

#include "arguments.h"

namespace oriented1d {

namespace {

std::vector<Napi::Float32Array> all(const GradientArrays& arrays) {
  std::vector<Napi::Float32Array> result{arrays.input, arrays.grad, arrays.weight_grad, arrays.bias_grad};
  if (arrays.input_grad) result.push_back(*arrays.input_grad);
  return result;
}

void require_lengths(const GradientArrays& arrays, const Shape& shape, int32_t batch) {
  if (arrays.input_grad.has_value() != (shape.op() == Op::backward))
    throw Napi::TypeError::New(arrays.input.Env(), "inputGrad must be there for backward, and null for wgrad");
  require_length(arrays.input, shape.input_elements(batch), "input");
  require_length(arrays.grad, shape.output_elements(batch), "grad");
  if (arrays.input_grad) require_length(*arrays.input_grad, shape.input_elements(batch), "inputGrad");
  require_length(arrays.weight_grad, shape.weight_elements(), "weightGrad");
  require_length(arrays.bias_grad, shape.c()->channels, "biasGrad");
}

}  // namespace

GradientLaunch::GradientLaunch(std::shared_ptr<const Weights<O1dGradient>> weights, std::shared_ptr<Pool> pool,
                               GradientArrays arrays, int32_t batch)
    : Launch(all(arrays)), weights_(std::move(weights)), pool_(std::move(pool)) {
  const auto& kernel = weights_->kernel();
  require_lengths(arrays, kernel.shape(), batch);
  const O1dShape* shape = kernel.shape().c();
  units_ = kernel.functions().units(shape, batch);
  pool_->reserve_scratch(kernel.functions().scratch_bytes(shape));
  partial_ = allocate(kernel.functions().partial_floats(shape, batch) * sizeof(float));
  weight_grad_ = arrays.weight_grad.Data();
  bias_grad_ = arrays.bias_grad.Data();
  call_ = {shape,
           arrays.input.Data(),
           arrays.grad.Data(),
           weights_->packed(),
           arrays.input_grad ? arrays.input_grad->Data() : nullptr,
           reinterpret_cast<float*>(partial_.get()),
           batch,
           0,
           units_,
           nullptr};
}

void GradientLaunch::run() const {
  const std::lock_guard turn(turn_);
  const O1dGradient& kernel = weights_->kernel().functions();
  pool_->run(units_, [this, &kernel](int64_t begin, int64_t end, void* scratch) {
    O1dGradientCall call = call_;
    call.begin = begin;
    call.end = end;
    call.scratch = scratch;
    kernel.run(&call);
  });
  kernel.reduce(call_.shape, call_.batch, call_.partial, weight_grad_, bias_grad_);
}

}  // namespace oriented1d
