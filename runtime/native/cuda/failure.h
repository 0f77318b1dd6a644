// Failures of CUDA as JavaScript errors: with `call`, `result` and `text` beside the message.
#pragma once
#include <napi.h>

#include "call.h"

namespace oriented1d::cuda {

Napi::Error to_error(Napi::Env env, const Failure& failure);

// A callback for Node that throws Failures as such errors. Other exceptions are node-addon-api's to translate.
template <auto Callback>
auto translated(const Napi::CallbackInfo& info) {
  try {
    return Callback(info);
  } catch (const Failure& failure) {
    throw to_error(info.Env(), failure);
  }
}

}  // namespace oriented1d::cuda
