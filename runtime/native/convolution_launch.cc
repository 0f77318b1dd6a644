#include "convolution_launch.h"

#include <utility>

#include "arguments.h"

namespace oriented1d {

ConvolutionLaunch::ConvolutionLaunch(std::shared_ptr<const Weights<O1dKernel>> weights, std::shared_ptr<Pool> pool,
                                     Napi::Float32Array input, Napi::Float32Array output, int32_t batch)
    : Launch({input, output}), weights_(std::move(weights)), pool_(std::move(pool)) {
  const auto& kernel = weights_->kernel();
  require_length(input, kernel.shape().input_elements(batch), "input");
  require_length(output, kernel.shape().output_elements(batch), "output");
  const O1dShape* shape = kernel.shape().c();
  units_ = kernel.functions().units(shape, batch);
  pool_->reserve_scratch(kernel.functions().scratch_bytes(shape));
  call_ = {shape, input.Data(), weights_->packed(), output.Data(), batch, 0, units_, nullptr};
}

void ConvolutionLaunch::run() const {
  const auto kernel = weights_->kernel().functions().run;
  pool_->run(units_, [this, kernel](int64_t begin, int64_t end, void* scratch) {
    O1dCall call = call_;
    call.begin = begin;
    call.end = end;
    call.scratch = scratch;
    kernel(&call);
  });
}

}  // namespace oriented1d
