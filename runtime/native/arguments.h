// What JavaScript hands over, checked: each throws Napi::TypeError, naming the argument. addon.ts is their typed mirror.
#pragma once
#include <napi.h>

#include <optional>
#include <string>

#include "operation.h"
#include "resample.h"
#include "shape.h"

namespace oriented1d {

Napi::Float32Array float32_array(Napi::Value value, const char* name);
std::optional<Napi::Float32Array> float32_array_or_null(Napi::Value value, const char* name);
Napi::Uint8Array uint8_array(Napi::Value value, const char* name);
Napi::Float64Array float64_array(Napi::Value value, const char* name);
// A whole number from `low` to 2^31 - 1.
int32_t whole_number(Napi::Value value, const char* name, int32_t low);
bool boolean(Napi::Value value, const char* name);
std::string string(Napi::Value value, const char* name);
std::optional<std::string> string_or_null(Napi::Value value, const char* name);
// {input, output, weight, bias: number; residual: boolean}
OperationSizes operation_sizes(Napi::Value value);
// {op, layout, channels, height, width, stride, kernel: number; first, dy, dx: Int32Array}
Shape shape(Napi::Value value);

// {first, weights: Int32Array}, of inputs [0, size).
Filter filter(Napi::Value value, int32_t size, const char* name);

// Throws unless `array` has so many elements.
void require_length(const Napi::TypedArray& array, int64_t elements, const char* name);

}  // namespace oriented1d
