#include "device.h"

namespace oriented1d::cuda {

Device::Device(int index) {
  driver().device_get(&number_, index);
  driver().context_retain(&context_, number_);
}

Device::~Device() { driver().context_release.quietly(number_); }

std::string Device::name() const {
  char name[256] = {};
  driver().device_name(name, sizeof name, number_);
  return name;
}

std::string Device::bus_id() const {
  char id[32] = {};
  driver().device_bus_id(id, sizeof id, number_);
  return id;
}

int Device::attribute(DeviceAttribute attribute) const {
  int value = 0;
  driver().device_attribute(&value, attribute, number_);
  return value;
}

Current::Current(const Device& device) { driver().context_push(device.context()); }

Current::Current(const Device& device, std::nothrow_t) noexcept
    : pushed_(driver().context_push.quietly(device.context()) == 0) {}

Current::~Current() {
  ContextHandle popped;
  if (pushed_) driver().context_pop.quietly(&popped);
}

MemoryInfo memory_info(const Device& device) {
  const Current current(device);
  MemoryInfo info{};
  driver().memory_info(&info.free_bytes, &info.total_bytes);
  return info;
}

}  // namespace oriented1d::cuda
