// JavaScript objects that share ownership of a C++ one. A type tag keeps a pool from being taken for a kernel.
#pragma once
#include <napi.h>

#include <memory>
#include <string>

#include "oriented1d_kernel.h"

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

class Launch;
class Operation;
class OperationParameters;
class Pool;
template <class Table>
class Kernel;
template <class Table>
class Weights;

template <>
struct Handle<Pool> {
  static constexpr napi_type_tag tag{0x6f3a1c2b90d84e75, 0xa1b7f04c5d2e6391};
  static constexpr const char* name = "pool";
};

template <>
struct Handle<const Kernel<O1dKernel>> {
  static constexpr napi_type_tag tag{0x2d94b8e06c1f4a53, 0xb80e17a25f6cd437};
  static constexpr const char* name = "kernel";
};

template <>
struct Handle<const Weights<O1dKernel>> {
  static constexpr napi_type_tag tag{0xc7510fe8a2b34d96, 0x8e6f2b904d71ca35};
  static constexpr const char* name = "set of packed weights";
};

template <>
struct Handle<const Kernel<O1dGradient>> {
  static constexpr napi_type_tag tag{0x48e1d3706fa92bc5, 0xc50b9e3f1d7284a6};
  static constexpr const char* name = "gradient kernel";
};

template <>
struct Handle<const Weights<O1dGradient>> {
  static constexpr napi_type_tag tag{0xf3926ab75c0e81d4, 0x17d8e40cb3529f6e};
  static constexpr const char* name = "gradient kernel's set of packed weights";
};

template <>
struct Handle<const Operation> {
  static constexpr napi_type_tag tag{0x91c5e07d3b8f42a6, 0x7d20f4b86ae9153c};
  static constexpr const char* name = "kernel of an operation";
};

template <>
struct Handle<const OperationParameters> {
  static constexpr napi_type_tag tag{0x5ab7d31e90c6482f, 0xe38c07f5412b9ad6};
  static constexpr const char* name = "operation's set of packed parameters";
};

template <>
struct Handle<const Launch> {
  static constexpr napi_type_tag tag{0xb60f9a2c7e15d834, 0x2c4fd9816b03e75a};
  static constexpr const char* name = "launch";
};

}  // namespace oriented1d
