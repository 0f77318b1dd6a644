#include "arguments.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace oriented1d {

namespace {

[[noreturn]] void refuse(Napi::Env env, const char* name, const std::string& rule) {
  throw Napi::TypeError::New(env, std::string(name) + " must be " + rule);
}

template <class Array>
Array typed_array(Napi::Value value, const char* name, napi_typedarray_type type, const char* type_name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    refuse(value.Env(), name, type_name);
  return value.As<Array>();
}

std::vector<int32_t> table(Napi::Object object, const char* name) {
  const auto array = typed_array<Napi::Int32Array>(object.Get(name), name, napi_int32_array, "an Int32Array");
  return {array.Data(), array.Data() + array.ElementLength()};
}

}  // namespace

Napi::Float32Array float32_array(Napi::Value value, const char* name) {
  return typed_array<Napi::Float32Array>(value, name, napi_float32_array, "a Float32Array");
}

std::optional<Napi::Float32Array> float32_array_or_null(Napi::Value value, const char* name) {
  if (value.IsNull()) return std::nullopt;
  return float32_array(value, name);
}

Napi::Uint8Array uint8_array(Napi::Value value, const char* name) {
  return typed_array<Napi::Uint8Array>(value, name, napi_uint8_array, "a Uint8Array");
}

Napi::Float64Array float64_array(Napi::Value value, const char* name) {
  return typed_array<Napi::Float64Array>(value, name, napi_float64_array, "a Float64Array");
}

int32_t whole_number(Napi::Value value, const char* name, int32_t low) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= low && number <= INT32_MAX && number == std::floor(number)))
    refuse(value.Env(), name, "a whole number from " + std::to_string(low) + " to 2147483647");
  return static_cast<int32_t>(number);
}

bool boolean(Napi::Value value, const char* name) {
  if (!value.IsBoolean()) refuse(value.Env(), name, "a boolean");
  return value.As<Napi::Boolean>();
}

std::string string(Napi::Value value, const char* name) {
  if (!value.IsString()) refuse(value.Env(), name, "a string");
  return value.As<Napi::String>();
}

std::optional<std::string> string_or_null(Napi::Value value, const char* name) {
  if (value.IsNull()) return std::nullopt;
  return string(value, name);
}

OperationSizes operation_sizes(Napi::Value value) {
  if (!value.IsObject()) refuse(value.Env(), "sizes", "an object");
  const auto object = value.As<Napi::Object>();
  const auto size = [&](const char* name, int32_t low) { return whole_number(object.Get(name), name, low); };
  return {size("input", 1), size("output", 1), size("weight", 0), size("bias", 0),
          boolean(object.Get("residual"), "residual")};
}

Shape shape(Napi::Value value) {
  if (!value.IsObject()) refuse(value.Env(), "shape", "an object");
  const auto object = value.As<Napi::Object>();
  const auto size = [&](const char* name, int32_t low) { return whole_number(object.Get(name), name, low); };
  const int32_t op = size("op", 0);
  if (op > 3) refuse(value.Env(), "op", "0 (fprop), 1 (dgrad), 2 (wgrad) or 3 (backward)");
  O1dShape sizes{};
  sizes.layout = size("layout", 0);
  sizes.channels = size("channels", 1);
  sizes.height = size("height", 1);
  sizes.width = size("width", 1);
  sizes.stride = size("stride", 1);
  sizes.kernel = size("kernel", 1);
  return Shape(static_cast<Op>(op), sizes, table(object, "first"), table(object, "dy"), table(object, "dx"));
}

Filter filter(Napi::Value value, int32_t size, const char* name) {
  if (!value.IsObject()) refuse(value.Env(), name, "an object");
  Filter made{table(value.As<Napi::Object>(), "first"), table(value.As<Napi::Object>(), "weights")};
  const bool whole = !made.first.empty() && !made.weights.empty() && made.weights.size() % made.first.size() == 0;
  const auto reads = [&](int32_t first) { return first >= 0 && first <= size - made.width(); };
  if (!whole || made.width() > size || !std::all_of(made.first.begin(), made.first.end(), reads))
    refuse(value.Env(), name, "a filter of what is there");
  return made;
}

void require_length(const Napi::TypedArray& array, int64_t elements, const char* name) {
  if (static_cast<int64_t>(array.ElementLength()) != elements)
    throw Napi::RangeError::New(array.Env(), std::string(name) + " has " + std::to_string(array.ElementLength()) +
                                                 " elements, not " + std::to_string(elements));
}

}  // namespace oriented1d
