// One convolution, ready to run again and again: kernel, weights, threads and both arrays, all checked beforehand.
#pragma once
#include <napi.h>

#include <memory>

#include "kernel.h"
#include "pool.h"

namespace oriented1d {

class Launch {
 public:
  // Pins both arrays. Throws Napi::RangeError if one has the wrong length for the batch.
  Launch(std::shared_ptr<const Weights> weights, std::shared_ptr<Pool> pool, Napi::Float32Array input,
         Napi::Float32Array output, int32_t batch);

  // On any thread, and no more than that: no JavaScript, no allocation.
  void run() const;

  // On the JavaScript thread: has one of the pinned arrays been transferred away since?
  bool detached(napi_env env) const;

 private:
  std::shared_ptr<const Weights> weights_;
  std::shared_ptr<Pool> pool_;
  Napi::ObjectReference input_buffer_, output_buffer_;
  O1dCall call_;
  int64_t units_;
};

// {run(): void, runAsync(): Promise<void>}
Napi::Object launch_object(Napi::Env env, std::shared_ptr<const Launch> launch);

}  // namespace oriented1d
