#include "buffer.h"

#include <algorithm>
#include <stdexcept>

namespace oriented1d::cuda {

Buffer::Buffer(std::shared_ptr<const Device> device, size_t bytes)
    : bytes_(bytes), owned_(make_owned<decltype(owned_)>(std::move(device), [bytes](DevicePointer* pointer) {
        driver().memory_allocate(pointer, std::max<size_t>(bytes, 1));  // the driver refuses to allocate nothing
      })) {}

Buffer::Buffer(std::shared_ptr<const Buffer> whole, size_t offset, size_t bytes)
    : bytes_(bytes), whole_(std::move(whole)), offset_(offset), owned_(whole_->device(), DevicePointer{}) {
  whole_->part(offset, bytes);
}

DevicePointer Buffer::address() const {
  if (whole_) return whole_->address() + offset_;
  if (!owned_.get()) throw std::logic_error("a tensor that is used was freed");
  return owned_.get();
}

void Buffer::upload(size_t offset, const void* source, size_t bytes, const Stream& stream) const {
  const Current current(*device());
  driver().upload(part(offset, bytes), source, bytes, stream.handle());
  driver().stream_synchronize(stream.handle());
}

void Buffer::download(size_t offset, void* destination, size_t bytes, const Stream& stream) const {
  const Current current(*device());
  driver().download(destination, part(offset, bytes), bytes, stream.handle());
  driver().stream_synchronize(stream.handle());
}

DevicePointer Buffer::part(size_t offset, size_t bytes) const {
  if (offset > bytes_ || bytes > bytes_ - offset) throw std::out_of_range("beyond the end of the tensor");
  return address() + offset;
}

}  // namespace oriented1d::cuda
