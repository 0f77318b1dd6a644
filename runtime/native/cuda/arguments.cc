#include "arguments.h"

namespace oriented1d::cuda {

size_t byte_count(Napi::Value value, const char* name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 0x1p52))
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must be from 0 to 2^52");
  return static_cast<size_t>(number);
}

Napi::TypedArray typed_array(Napi::Value value, const char* name) {
  if (!value.IsTypedArray()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a typed array");
  return value.As<Napi::TypedArray>();
}

uint8_t* bytes_of(const Napi::TypedArray& array) {
  return static_cast<uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
}

}  // namespace oriented1d::cuda
