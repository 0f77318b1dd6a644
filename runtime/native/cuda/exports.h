// What JavaScript sees of CUDA: the addon's `cuda`, a part in each file. runtime/cuda/addon.ts is their typed mirror.
#pragma once
#include <napi.h>

#include "failure.h"

namespace oriented1d::cuda {

Napi::Object exports(Napi::Env env);

void add_devices(Napi::Object exports);
void add_memory(Napi::Object exports);
void add_work(Napi::Object exports);
void add_compiler(Napi::Object exports);
void add_products(Napi::Object exports);

template <auto Callback>
void add(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New(exports.Env(), translated<Callback>, name));
}

}  // namespace oriented1d::cuda
