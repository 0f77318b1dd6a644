#include "failure.h"

namespace oriented1d::cuda {

Napi::Error to_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  error.Set("call", failure.call);
  error.Set("result", failure.name);
  error.Set("text", failure.text);
  return error;
}

}  // namespace oriented1d::cuda
