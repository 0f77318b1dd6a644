// What JavaScript sees of the addon. addon.ts is the typed mirror of this file.
#include <napi.h>

#include "arguments.h"
#include "convolution_launch.h"
#include "copy.h"
#include "cuda/exports.h"
#include "gradient_launch.h"
#include "handle.h"
#include "isa.h"
#include "operation_launch.h"
#include "parent.h"
#include "reference.h"
#include "reference_gradient.h"
#include "sequence.h"

namespace oriented1d {
namespace {

Napi::Value allocate_buffer(const Napi::CallbackInfo& info) {
  const double bytes = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  if (!(bytes >= 0 && bytes <= 0x1p52)) throw Napi::RangeError::New(info.Env(), "bytes must be from 0 to 2^52");
  // From here on its finalizer owns the memory: Node runs it even where it makes no buffer of so many bytes.
  return Napi::ArrayBuffer::New(info.Env(), allocate(static_cast<size_t>(bytes)).release(), static_cast<size_t>(bytes),
                                [](Napi::Env, void* data) { Free()(data); });
}

Napi::Value make_pool(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(), std::make_shared<Pool>(whole_number(info[0], "threads", 1)));
}

template <class Table>
Napi::Value open_kernel(const Napi::CallbackInfo& info) {
  const auto path = string_or_null(info[0], "path");
  return to_handle(info.Env(), std::make_shared<const Kernel<Table>>(path, string(info[1], "symbol"), shape(info[2])));
}

float centre(Napi::Value resid) { return boolean(resid, "resid") ? 1.0f : 0.0f; }

Napi::Value pack_weights(const Napi::CallbackInfo& info) {
  auto kernel = from_handle<const Kernel<O1dKernel>>(info[0]);
  const auto weight = float32_array(info[1], "weight");
  const auto bias = float32_array_or_null(info[2], "bias");
  require_length(weight, kernel->shape().weight_elements(), "weight");
  if (bias) require_length(*bias, kernel->shape().c()->channels, "bias");
  const float* const added = bias ? bias->Data() : nullptr;
  return to_handle(info.Env(), std::make_shared<const Weights<O1dKernel>>(std::move(kernel), weight.Data(), added,
                                                                          centre(info[3])));
}

Napi::Value pack_gradient_weights(const Napi::CallbackInfo& info) {
  auto kernel = from_handle<const Kernel<O1dGradient>>(info[0]);
  const auto weight = float32_array_or_null(info[1], "weight");
  if (weight.has_value() != (kernel->shape().op() == Op::backward))
    throw Napi::TypeError::New(info.Env(), "weight must be there for backward, and null for wgrad");
  if (weight) require_length(*weight, kernel->shape().weight_elements(), "weight");
  const float* const given = weight ? weight->Data() : nullptr;
  return to_handle(info.Env(),
                   std::make_shared<const Weights<O1dGradient>>(std::move(kernel), given, centre(info[2])));
}

Napi::Value bind_launch(const Napi::CallbackInfo& info) {
  return launch_object(info.Env(),
                       std::make_shared<const ConvolutionLaunch>(
                           from_handle<const Weights<O1dKernel>>(info[0]), from_handle<Pool>(info[1]),
                           float32_array(info[2], "input"), float32_array(info[3], "output"),
                           whole_number(info[4], "batch", 1)));
}

Napi::Value bind_gradient_launch(const Napi::CallbackInfo& info) {
  GradientArrays arrays{float32_array(info[2], "input"), float32_array(info[3], "grad"),
                        float32_array_or_null(info[4], "inputGrad"), float32_array(info[5], "weightGrad"),
                        float32_array(info[6], "biasGrad")};
  return launch_object(info.Env(), std::make_shared<const GradientLaunch>(
                                       from_handle<const Weights<O1dGradient>>(info[0]), from_handle<Pool>(info[1]),
                                       std::move(arrays), whole_number(info[7], "batch", 1)));
}

Napi::Value open_operation(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(), std::make_shared<const Operation>(string(info[0], "path"), string(info[1], "symbol"),
                                                                 operation_sizes(info[2])));
}

// A parameter of an operation, null where it has none of that name.
const float* parameter(Napi::Value value, int64_t elements, const char* name) {
  const auto array = float32_array_or_null(value, name);
  if (array.has_value() != (elements > 0))
    throw Napi::TypeError::New(value.Env(), std::string(name) + " must be there where the operation has one, and else null");
  if (!array) return nullptr;
  require_length(*array, elements, name);
  return array->Data();
}

Napi::Value pack_parameters(const Napi::CallbackInfo& info) {
  auto operation = from_handle<const Operation>(info[0]);
  const float* const weight = parameter(info[1], operation->sizes().weight, "weight");
  const float* const bias = parameter(info[2], operation->sizes().bias, "bias");
  return to_handle(info.Env(), std::make_shared<const OperationParameters>(std::move(operation), weight, bias));
}

Napi::Value bind_operation_launch(const Napi::CallbackInfo& info) {
  OperationArrays arrays{float32_array(info[2], "input"), float32_array_or_null(info[3], "residual"),
                         float32_array(info[4], "output")};
  return launch_object(info.Env(), std::make_shared<const OperationLaunch>(
                                       from_handle<const OperationParameters>(info[0]), from_handle<Pool>(info[1]),
                                       std::move(arrays), whole_number(info[5], "count", 1)));
}

Napi::Value make_sequence(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray()) throw Napi::TypeError::New(info.Env(), "launches must be an array");
  const auto list = info[0].As<Napi::Array>();
  std::vector<std::shared_ptr<const Launch>> launches;
  for (uint32_t i = 0; i < list.Length(); ++i) launches.push_back(from_handle<const Launch>(list.Get(i)));
  return launch_object(info.Env(), std::make_shared<const Sequence>(std::move(launches)));
}

void run_reference(const Napi::CallbackInfo& info) {
  const Shape problem = shape(info[0]);
  const auto weight = float32_array(info[1], "weight");
  const auto bias = float32_array_or_null(info[2], "bias");
  const auto input = float32_array(info[4], "input");
  auto output = float64_array(info[5], "output");
  const int32_t batch = whole_number(info[6], "batch", 1);
  require_length(weight, problem.weight_elements(), "weight");
  if (bias) require_length(*bias, problem.c()->channels, "bias");
  require_length(input, problem.input_elements(batch), "input");
  require_length(output, problem.output_elements(batch), "output");
  reference(problem, weight.Data(), bias ? bias->Data() : nullptr, boolean(info[3], "resid"), input.Data(),
            output.Data(), batch);
}

void run_reference_gradient(const Napi::CallbackInfo& info) {
  const Shape problem = shape(info[0]);
  const auto input = float32_array(info[1], "input"), grad = float32_array(info[2], "grad");
  auto weight_grad = float64_array(info[3], "weightGrad"), bias_grad = float64_array(info[4], "biasGrad");
  const int32_t batch = whole_number(info[5], "batch", 1);
  require_length(input, problem.input_elements(batch), "input");
  require_length(grad, problem.output_elements(batch), "grad");
  require_length(weight_grad, problem.weight_elements(), "weightGrad");
  require_length(bias_grad, problem.c()->channels, "biasGrad");
  reference_gradient(problem, input.Data(), grad.Data(), weight_grad.Data(), bias_grad.Data(), batch);
}

void run_copy(const Napi::CallbackInfo& info) {
  auto destination = float32_array(info[0], "destination");
  const auto source = float32_array(info[1], "source");
  require_length(destination, source.ElementLength(), "destination");
  copy(destination.Data(), source.Data(), source.ByteLength(), *from_handle<Pool>(info[2]));
}

void run_resample(const Napi::CallbackInfo& info) {
  const auto pixels = uint8_array(info[0], "pixels");
  const int32_t rows = whole_number(info[1], "rows", 1), columns = whole_number(info[2], "columns", 1);
  require_length(pixels, int64_t{3} * rows * columns, "pixels");
  const Filter down = filter(info[3], rows, "down"), across = filter(info[4], columns, "across");
  auto output = uint8_array(info[5], "output");
  require_length(output, static_cast<int64_t>(3 * down.first.size() * across.first.size()), "output");
  resample(pixels.Data(), columns, across, down, output.Data());
}

void end_process_with_parent(const Napi::CallbackInfo& info) { end_with_parent(whole_number(info[0], "parent", 1)); }

Napi::Value machine_isa(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), isa()); }

template <class Callback>
void add(Napi::Object exports, const char* name, Callback callback) {
  exports.Set(name, Napi::Function::New(exports.Env(), callback, name));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  add(exports, "allocate", allocate_buffer);
  add(exports, "pool", make_pool);
  add(exports, "kernel", open_kernel<O1dKernel>);
  add(exports, "weights", pack_weights);
  add(exports, "launch", bind_launch);
  add(exports, "gradient", open_kernel<O1dGradient>);
  add(exports, "gradientWeights", pack_gradient_weights);
  add(exports, "gradientLaunch", bind_gradient_launch);
  add(exports, "operation", open_operation);
  add(exports, "operationParameters", pack_parameters);
  add(exports, "operationLaunch", bind_operation_launch);
  add(exports, "sequence", make_sequence);
  add(exports, "reference", run_reference);
  add(exports, "referenceGradient", run_reference_gradient);
  add(exports, "copy", run_copy);
  add(exports, "resample", run_resample);
  add(exports, "isa", machine_isa);
  add(exports, "endWithParent", end_process_with_parent);
  exports.Set("cuda", cuda::exports(env));
  return exports;
}

}  // namespace
}  // namespace oriented1d

static Napi::Object init_addon(Napi::Env env, Napi::Object exports) { return oriented1d::init(env, exports); }

NODE_API_MODULE(oriented1d, init_addon)
