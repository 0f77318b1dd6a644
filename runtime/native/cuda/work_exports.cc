#include "exports.h"

#include "arguments.h"
#include "graph.h"
#include "tensor_map.h"
#include "work_object.h"

namespace oriented1d::cuda {

namespace {

Napi::Value load_module(const Napi::CallbackInfo& info) {
  const auto image = typed_array(info[1], "image");
  return to_handle(info.Env(), std::make_shared<const Module>(
                                   from_handle<const Device>(info[0]),
                                   std::string(reinterpret_cast<const char*>(bytes_of(image)), image.ByteLength())));
}

Napi::Value find_function(const Napi::CallbackInfo& info) {
  const auto function = std::make_shared<const Function>(from_handle<const Module>(info[0]), string(info[1], "symbol"),
                                                         whole_number(info[2], "sharedBytes", 0));
  const Napi::Object object = to_handle(info.Env(), function);
  object.Set("registers", function->attribute(FunctionAttribute::REGISTERS));
  object.Set("sharedBytes", function->attribute(FunctionAttribute::STATIC_SHARED_BYTES));
  object.Set("localBytes", function->attribute(FunctionAttribute::LOCAL_BYTES));
  object.Set("maxThreads", function->attribute(FunctionAttribute::MAX_THREADS));
  return object;
}

void append(Argument& argument, const void* data, size_t bytes, size_t alignment) {
  auto& all = argument.bytes;
  all.resize((all.size() + alignment - 1) / alignment * alignment);
  const auto* first = static_cast<const uint8_t*>(data);
  all.insert(all.end(), first, first + bytes);
}

template <class Number>
std::vector<Number> numbers(Napi::Value value, const char* name) {
  return list(value, name, [name](Napi::Value number) { return static_cast<Number>(whole_number(number, name, 1)); });
}

// The tensor in `buffer`, of so many `sizes` and, if they are given, `steps`, from which boxes of `box` are fetched, `swizzled` or not.
void append_map(Argument& argument, Napi::Object map) {
  argument.buffers.push_back(from_handle<Buffer>(map.Get("buffer")));
  const Napi::Value steps = map.Get("steps");
  const TensorMap encoded = tensor_map(*argument.buffers.back(), numbers<uint64_t>(map.Get("sizes"), "sizes"),
                                       steps.IsUndefined() ? std::vector<uint64_t>{} : numbers<uint64_t>(steps, "steps"),
                                       numbers<uint32_t>(map.Get("box"), "box"), map.Get("swizzled").ToBoolean());
  append(argument, &encoded, sizeof encoded, alignof(TensorMap));
}

bool is_map(Napi::Value value) { return value.IsObject() && value.As<Napi::Object>().Has("box"); }

// A buffer or null as an address; a typed array as its elements; a tensor map; a list of these as a struct of them, laid
// out as C does.
void append(Argument& argument, Napi::Value value) {
  if (value.IsArray()) {
    const auto fields = value.As<Napi::Array>();
    for (uint32_t i = 0; i < fields.Length(); ++i) append(argument, fields.Get(i));
    return;
  }
  if (value.IsTypedArray()) {
    const auto elements = value.As<Napi::TypedArray>();
    return append(argument, bytes_of(elements), elements.ByteLength(), elements.ElementSize());
  }
  if (is_map(value)) return append_map(argument, value.As<Napi::Object>());
  DevicePointer address = 0;
  if (!value.IsNull()) {
    argument.buffers.push_back(from_handle<Buffer>(value));
    address = argument.buffers.back()->address();
  }
  append(argument, &address, sizeof address, alignof(DevicePointer));
}

Argument argument(Napi::Value value) {
  Argument result;
  append(result, value);
  return result;
}

Napi::Value bind_launch(const Napi::CallbackInfo& info) {
  return work_object(
      info.Env(),
      std::make_shared<const KernelLaunch>(from_handle<const Function>(info[0]), whole_number(info[1], "blocks", 1),
                                           whole_number(info[2], "threads", 1), list(info[3], "arguments", argument),
                                           info[5].ToBoolean()),
      from_handle<const Stream>(info[4]));
}

Napi::Value bind_copy(const Napi::CallbackInfo& info) {
  return work_object(info.Env(),
                     std::make_shared<const Copy>(from_handle<Buffer>(info[0]), from_handle<Buffer>(info[1]),
                                                  byte_count(info[2], "bytes")),
                     from_handle<const Stream>(info[3]));
}

Napi::Value bind_fill(const Napi::CallbackInfo& info) {
  const uint32_t word = typed_array(info[1], "word").As<Napi::Uint32Array>()[size_t{0}];
  return work_object(info.Env(), std::make_shared<const Fill>(from_handle<Buffer>(info[0]), word),
                     from_handle<const Stream>(info[2]));
}

// A graph, or a sequence.
template <class Several>
Napi::Value join(const Napi::CallbackInfo& info) {
  return work_object(info.Env(),
                     std::make_shared<const Several>(
                         list(info[0], "works", [](Napi::Value value) { return from_handle<const Work>(value); })),
                     from_handle<const Stream>(info[1]));
}

Napi::Value time_work(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), time(*from_handle<const Work>(info[0]), whole_number(info[1], "runs", 1),
                                            *from_handle<const Stream>(info[2])));
}

}  // namespace

void add_work(Napi::Object exports) {
  add<load_module>(exports, "module");
  add<find_function>(exports, "kernel");
  add<bind_launch>(exports, "launch");
  add<bind_copy>(exports, "copy");
  add<bind_fill>(exports, "fill");
  add<join<Sequence>>(exports, "sequence");
  add<join<Graph>>(exports, "graph");
  add<time_work>(exports, "time");
}

}  // namespace oriented1d::cuda
