// A GPU with its primary context, which other libraries of this process share.
#pragma once
#include <new>
#include <string>

#include "driver.h"

namespace oriented1d::cuda {

class Device {
 public:
  // Throws Failure if there is no such device.
  explicit Device(int index);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  ContextHandle context() const { return context_; }
  std::string name() const;
  // "0000:3b:00.0"
  std::string bus_id() const;
  int attribute(DeviceAttribute attribute) const;

 private:
  DeviceNumber number_;
  ContextHandle context_;
};

// Makes a device this thread's current one for a while, and the one before it again afterwards.
class Current {
 public:
  explicit Current(const Device& device);
  // For destructors: does nothing where the driver refuses.
  Current(const Device& device, std::nothrow_t) noexcept;
  ~Current();
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

 private:
  bool pushed_ = true;
};

struct MemoryInfo {
  size_t free_bytes, total_bytes;
};

MemoryInfo memory_info(const Device& device);

}  // namespace oriented1d::cuda
