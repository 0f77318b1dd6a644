// Work of a kernel, ready to run again and again: weights, threads and arrays, all checked beforehand.
#pragma once
#include <napi.h>

#include <memory>
#include <vector>

namespace oriented1d {

class Launch {
 public:
  virtual ~Launch() = default;

  // On any thread, and no more than that: no JavaScript, no allocation.
  virtual void run() const = 0;

  // On the JavaScript thread: has one of the pinned arrays been transferred away since?
  virtual bool detached(napi_env env) const;

 protected:
  // Pins the memory of all arrays that run() uses.
  explicit Launch(const std::vector<Napi::Float32Array>& arrays);

 private:
  std::vector<Napi::ObjectReference> buffers_;
};

// {run(): void, runAsync(): Promise<void>}, and a handle of the launch
Napi::Object launch_object(Napi::Env env, std::shared_ptr<const Launch> launch);

}  // namespace oriented1d
