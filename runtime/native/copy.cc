#include "copy.h"

#include <algorithm>
#include <cstring>

namespace oriented1d {

namespace {
constexpr size_t PIECE = 4096;
}

void copy(void* destination, const void* source, size_t bytes, Pool& pool) {
  char* to = static_cast<char*>(destination);
  const char* from = static_cast<const char*>(source);
  pool.run((bytes + PIECE - 1) / PIECE, [=](int64_t begin, int64_t end, void*) {
    const size_t first = begin * PIECE, last = std::min(bytes, end * PIECE);
    std::memcpy(to + first, from + first, last - first);
  });
}

}  // namespace oriented1d
