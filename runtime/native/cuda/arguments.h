// What JavaScript hands over to CUDA's functions, beside what ../arguments.h checks. Each throws, naming the argument.
#pragma once
#include "../arguments.h"
#include "handles.h"

namespace oriented1d::cuda {

// A size in bytes, or the place of one.
size_t byte_count(Napi::Value value, const char* name);
Napi::TypedArray typed_array(Napi::Value value, const char* name);
uint8_t* bytes_of(const Napi::TypedArray& array);

template <class Element>
auto list(Napi::Value value, const char* name, Element element) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be an array");
  const auto array = value.As<Napi::Array>();
  std::vector<decltype(element(value))> result;
  for (uint32_t i = 0; i < array.Length(); ++i) result.push_back(element(array.Get(i)));
  return result;
}

}  // namespace oriented1d::cuda
