// Device memory: aligned as on the device and of exact size, so that AddressSanitizer sees what is read or written beside it.
#pragma once
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulated {

class Memory {
 public:
  // What it holds before anybody writes. NaN: all bits are set. Zeros take no memory until they are written.
  enum class Start { nan, zeros };

  // `bytes` behind `lead` bytes that stand for the rest of a huge tensor and may not be touched.
  Memory(size_t bytes, size_t lead, Start start = Start::nan) : lead_(lead), bytes_(bytes) {
    // A page in front that is watched, the whole pages of the lead, which are closed, and the rest with a page behind it.
    closed_ = lead / PAGE * PAGE;
    open_ = (lead % PAGE + bytes) / PAGE * PAGE + 2 * PAGE;
    void* const map = mmap(nullptr, PAGE + closed_ + open_, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    map_ = static_cast<char*>(map);
    if (map == MAP_FAILED || (closed_ > 0 && mprotect(base(), closed_, PROT_NONE) != 0)) {
      std::perror("no memory");
      std::_Exit(1);
    }
    if (start == Start::nan) clear();
    __asan_poison_memory_region(map_, PAGE);
    __asan_poison_memory_region(base() + closed_, lead % PAGE);
    __asan_poison_memory_region(data() + bytes, open_ - lead % PAGE - bytes);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    __asan_unpoison_memory_region(map_, PAGE);
    __asan_unpoison_memory_region(base() + closed_, open_);
    munmap(map_, PAGE + closed_ + open_);
  }

  void clear() { std::memset(data(), 0xff, bytes_); }

  // Where the tensor begins, and the part of it that is here.
  char* base() const { return map_ + PAGE; }
  char* data() const { return base() + lead_; }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t PAGE = 4096;

  size_t lead_, bytes_, closed_, open_;
  char* map_;
};

}  // namespace emulated
