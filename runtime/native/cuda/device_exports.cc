#include "exports.h"

#include "arguments.h"
#include "nvml.h"
#include "off_thread.h"
#include "stream.h"

namespace oriented1d::cuda {

namespace {

Napi::Value driver_version(const Napi::CallbackInfo& info) {
  int version = 0;
  driver().version(&version);
  return Napi::Number::New(info.Env(), version);
}

Napi::Value device_count(const Napi::CallbackInfo& info) {
  int count = 0;
  driver().device_count(&count);
  return Napi::Number::New(info.Env(), count);
}

Napi::Value open_device(const Napi::CallbackInfo& info) {
  const auto device = std::make_shared<const Device>(whole_number(info[0], "index", 0));
  const Napi::Object object = to_handle(info.Env(), device);
  object.Set("name", device->name());
  object.Set("major", device->attribute(DeviceAttribute::MAJOR));
  object.Set("minor", device->attribute(DeviceAttribute::MINOR));
  object.Set("multiprocessors", device->attribute(DeviceAttribute::MULTIPROCESSORS));
  object.Set("l2Bytes", device->attribute(DeviceAttribute::L2_BYTES));
  object.Set("sharedBytes", device->attribute(DeviceAttribute::SHARED_BYTES_A_BLOCK));
  return object;
}

Napi::Value device_memory(const Napi::CallbackInfo& info) {
  const MemoryInfo memory = memory_info(*from_handle<const Device>(info[0]));
  const Napi::Object object = Napi::Object::New(info.Env());
  object.Set("freeBytes", static_cast<double>(memory.free_bytes));
  object.Set("totalBytes", static_cast<double>(memory.total_bytes));
  return object;
}

Napi::Value open_sensor(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(), std::make_shared<const Sensor>(*from_handle<const Device>(info[0])));
}

Napi::Value read_clocks(const Napi::CallbackInfo& info) {
  const Clocks clocks = from_handle<const Sensor>(info[0])->read();
  const Napi::Object object = Napi::Object::New(info.Env());
  object.Set("smMHz", clocks.sm_mhz);
  object.Set("memoryMHz", clocks.memory_mhz);
  object.Set("temperature", clocks.celsius);
  object.Set("reasons", static_cast<double>(clocks.reasons));
  return object;
}

Napi::Value make_stream(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(), std::make_shared<const Stream>(from_handle<const Device>(info[0])));
}

Napi::Value synchronize(const Napi::CallbackInfo& info) {
  from_handle<const Stream>(info[0])->synchronize();
  return info.Env().Undefined();
}

Napi::Value synchronize_async(const Napi::CallbackInfo& info) {
  return off_thread(
      info.Env(), [stream = from_handle<const Stream>(info[0])] { stream->synchronize(); },
      [](Napi::Env env) { return env.Undefined(); });
}

}  // namespace

void add_devices(Napi::Object exports) {
  add<driver_version>(exports, "driverVersion");
  add<device_count>(exports, "deviceCount");
  add<open_device>(exports, "device");
  add<device_memory>(exports, "memory");
  add<open_sensor>(exports, "sensor");
  add<read_clocks>(exports, "clocks");
  add<make_stream>(exports, "stream");
  add<synchronize>(exports, "synchronize");
  add<synchronize_async>(exports, "synchronizeAsync");
}

}  // namespace oriented1d::cuda
