// The gradient of the weights, and for backward of the input, too, ready to be computed again and again.
#pragma once
#include <mutex>
#include <optional>

#include "kernel.h"
#include "launch.h"
#include "pool.h"

namespace oriented1d {

struct GradientArrays {
  Napi::Float32Array input, grad;                 // x, dy
  std::optional<Napi::Float32Array> input_grad;   // dx, of backward
  Napi::Float32Array weight_grad, bias_grad;      // dw, db
};

class GradientLaunch final : public Launch {
 public:
  // Pins all arrays. Throws Napi::RangeError if one has the wrong length for the batch, and Napi::TypeError unless there
  // is an input_grad for backward and none for wgrad.
  GradientLaunch(std::shared_ptr<const Weights<O1dGradient>> weights, std::shared_ptr<Pool> pool, GradientArrays arrays,
                 int32_t batch);

  void run() const override;

 private:
  std::shared_ptr<const Weights<O1dGradient>> weights_;
  std::shared_ptr<Pool> pool_;
  Memory partial_;
  mutable std::mutex turn_;  // one run at a time has the partial sums
  O1dGradientCall call_;
  int64_t units_;
  float *weight_grad_, *bias_grad_;
};

}  // namespace oriented1d
