// One convolution, ready to run again and again.
#pragma once
#include "kernel.h"
#include "launch.h"
#include "pool.h"

namespace oriented1d {

class ConvolutionLaunch final : public Launch {
 public:
  // Pins both arrays. Throws Napi::RangeError if one has the wrong length for the batch.
  ConvolutionLaunch(std::shared_ptr<const Weights<O1dKernel>> weights, std::shared_ptr<Pool> pool,
                    Napi::Float32Array input, Napi::Float32Array output, int32_t batch);

  void run() const override;

 private:
  std::shared_ptr<const Weights<O1dKernel>> weights_;
  std::shared_ptr<Pool> pool_;
  O1dCall call_;
  int64_t units_;
};

}  // namespace oriented1d
