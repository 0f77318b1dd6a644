// Work off the JavaScript thread, as a promise.
#pragma once
#include <napi.h>

#include <functional>

namespace oriented1d::cuda {

// Runs `work` on a thread of its own, then `result` on the JavaScript thread for the promise's value. Not on Node's pool,
// whose few threads would let few kernels compile at once and keep files waiting meanwhile. What the functions hold is
// released on the JavaScript thread. A Failure rejects as failure.h makes it.
Napi::Promise off_thread(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result);

}  // namespace oriented1d::cuda
