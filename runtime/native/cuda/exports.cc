#include "exports.h"

namespace oriented1d::cuda {

Napi::Object exports(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  add_devices(object);
  add_memory(object);
  add_work(object);
  add_compiler(object);
  add_products(object);
  return object;
}

}  // namespace oriented1d::cuda
