// Memory of a device, and its traffic with the host.
#pragma once
#include <cstdint>

#include "stream.h"

namespace oriented1d::cuda {

class Buffer {
 public:
  Buffer(std::shared_ptr<const Device> device, size_t bytes);
  // The bytes [offset, offset + bytes) of another, which stays as long as this does. Throws std::out_of_range unless it has them.
  Buffer(std::shared_ptr<const Buffer> whole, size_t offset, size_t bytes);

  const std::shared_ptr<const Device>& device() const { return owned_.device(); }
  size_t bytes() const { return bytes_; }
  // Throws std::logic_error once it, or that which it is a part of, was freed.
  DevicePointer address() const;
  // Gives the memory back now; the driver waits for the kernels that use it. Twice does nothing, nor does it for a part.
  void free() noexcept { owned_.reset(); }

  // Both return when it is done, after all that the stream had before. Throw std::out_of_range unless the bytes
  // [offset, offset + bytes) are the buffer's.
  void upload(size_t offset, const void* source, size_t bytes, const Stream& stream) const;
  void download(size_t offset, void* destination, size_t bytes, const Stream& stream) const;

 private:
  DevicePointer part(size_t offset, size_t bytes) const;

  size_t bytes_;
  std::shared_ptr<const Buffer> whole_;  // of a part
  size_t offset_ = 0;
  Owned<DevicePointer, &Driver::memory_free> owned_;
};

}  // namespace oriented1d::cuda
