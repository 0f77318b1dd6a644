// Move-only owner of something that the driver made on a device.
#pragma once
#include <memory>
#include <utility>

#include "device.h"

namespace oriented1d::cuda {

template <class Handle, auto Destroy>
class Owned {
 public:
  Owned(std::shared_ptr<const Device> device, Handle handle) : device_(std::move(device)), handle_(handle) {}
  ~Owned() { reset(); }
  Owned(Owned&& other) noexcept : device_(other.device_), handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&&) = delete;

  const std::shared_ptr<const Device>& device() const { return device_; }
  // Null once it was reset.
  Handle get() const { return handle_; }

  void reset() noexcept {
    if (!handle_) return;
    const Current current(*device_, std::nothrow);
    (driver().*Destroy).quietly(std::exchange(handle_, Handle{}));
  }

 private:
  std::shared_ptr<const Device> device_;
  Handle handle_;
};

// make(&handle) with the device current. Throws what it throws.
template <class Owner, class Make>
Owner make_owned(std::shared_ptr<const Device> device, Make make) {
  const Current current(*device);
  auto handle = decltype(std::declval<Owner>().get()){};
  make(&handle);
  return Owner(std::move(device), handle);
}

}  // namespace oriented1d::cuda
