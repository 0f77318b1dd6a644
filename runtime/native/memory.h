// Aligned memory: what arrays, packed weights and scratch live in.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace oriented1d {

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }
};

using Memory = std::unique_ptr<std::byte, Free>;

// Zeroed and 64-byte aligned; from 4 MiB on in huge pages where the system has them, since the pixels of an NHWC
// tensor are kilobytes apart and small pages overflow the TLB. Throws std::bad_alloc.
Memory allocate(size_t bytes);

// Memory that grows; what it held is lost when it does.
class Scratch {
 public:
  void reserve(size_t bytes) {
    if (bytes <= size_) return;
    memory_ = allocate(bytes);
    size_ = bytes;
  }
  void* get() const noexcept { return memory_.get(); }

 private:
  Memory memory_;
  size_t size_ = 0;
};

}  // namespace oriented1d
