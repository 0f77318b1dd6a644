#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace oriented1d {

namespace {
constexpr size_t CACHE_LINE = 64, HUGE_PAGE = size_t{2} << 20, HUGE_FROM = size_t{4} << 20;
}

Memory allocate(size_t bytes) {
  const size_t alignment = bytes >= HUGE_FROM ? HUGE_PAGE : CACHE_LINE;
  // Whole pages or lines, one at least: nobody else's data on the last one, and a zero-length array has an address.
  const size_t size = (std::max<size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  if (size < bytes) throw std::bad_alloc();
  Memory memory(static_cast<std::byte*>(std::aligned_alloc(alignment, size)));
  if (!memory) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // Advice only: without it the memory is as good, though slower.
  if (alignment == HUGE_PAGE) madvise(memory.get(), size, MADV_HUGEPAGE);
#endif
  std::memset(memory.get(), 0, size);
  return memory;
}

}  // namespace oriented1d
