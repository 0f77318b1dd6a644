// JavaScript objects that share ownership of a C++ one. A type tag keeps a pool from being taken for a kernel.
#pragma once
#include <napi.h>

#include <memory>
#include <string>

namespace oriented1d {

template <class T>
struct Handle;  // specialised below with a tag and a name for every T that JavaScript holds

template <class T>
Napi::Object to_handle(Napi::Env env, std::shared_ptr<T> value) {
  Napi::Object object = Napi::Object::New(env);
  object.TypeTag(&Handle<T>::tag);
  auto owner = std::make_unique<std::shared_ptr<T>>(std::move(value));
  const auto release = [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<T>*>(data); };
  const napi_status status = napi_wrap(env, object, owner.get(), release, nullptr, nullptr);
  if (status != napi_ok) throw Napi::Error::New(env);
  owner.release();
  return object;
}

template <class T>
std::shared_ptr<T> from_handle(Napi::Value value) {
  void* data = nullptr;
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&Handle<T>::tag) ||
      napi_unwrap(value.Env(), value, &data) != napi_ok)
    throw Napi::TypeError::New(value.Env(), std::string("expected a ") + Handle<T>::name + " of this addon");
  return *static_cast<std::shared_ptr<T>*>(data);
}

class Pool;
class Kernel;
class Weights;

template <>
struct Handle<Pool> {
  static constexpr napi_type_tag tag{0x6f3a1c2b90d84e75, 0xa1b7f04c5d2e6391};
  static constexpr const char* name = "pool";
};

template <>
struct Handle<const Kernel> {
  static constexpr napi_type_tag tag{0x2d94b8e06c1f4a53, 0xb80e17a25f6cd437};
  static constexpr const char* name = "kernel";
};

template <>
struct Handle<const Weights> {
  static constexpr napi_type_tag tag{0xc7510fe8a2b34d96, 0x8e6f2b904d71ca35};
  static constexpr const char* name = "set of packed weights";
};

}  // namespace oriented1d
