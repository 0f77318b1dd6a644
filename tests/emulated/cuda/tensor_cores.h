// templates/cuda/partials/tensor_cores.hbs and warpgroup.hbs.
#pragma once
#include <cstring>

#include "device.h"
#include "products.h"

namespace emulated {
// The addresses that the lanes of this warp give, aligned to 16 bytes, until they meet again.
const float* const* rows_of_lanes(const float* own, int line);
}  // namespace emulated

// In the header, so that the sanitizers see what is read.
template <int BEHIND = 0>
inline void load_matrices(unsigned (&to)[4], const float* row, int line = __builtin_LINE()) {
  const float* const* const rows = emulated::rows_of_lanes(row + BEHIND, line);
  for (int matrix = 0; matrix < 4; ++matrix)
    std::memcpy(&to[matrix], rows[8 * matrix + emulated::lane() / 4] + emulated::lane() % 4, sizeof(float));
  __syncwarp(~0u, line);
}

unsigned tf32(unsigned bits);
void multiply_add(float (&sums)[4], const unsigned (&x)[4], unsigned w0, unsigned w1, int line = __builtin_LINE());

namespace emulated {
// The running thread's.
PostponedProducts& postponed();

// Eight columns of such rows begin at a multiple of 1024 bytes.
void require_rows(const float* rows, int line);
float tf32_value(float held);
// An element of such rows: chunks of four floats change places from row to row.
inline float element(const float* rows, int row, int column) {
  return tf32_value(rows[row * 32 + ((column / 4 ^ row % 8) * 4 + column % 4)]);
}

inline void multiply_add(const Products& all) {
  const int warp = threadIdx.x / 32 % 4, g = lane() / 4, t = lane() % 4;
  for (int wide = 0; wide < all.wide; ++wide)
    for (int part = 0; part < 4; ++part)
      for (int k = 8 * all.step; k < 8 * all.step + 8; ++k)
        all.sums[wide][part] +=
            element(all.x, 16 * warp + g + part / 2 * 8, k) * element(all.w, 8 * wide + 2 * t + part % 2, k);
}
}  // namespace emulated

template <int REGISTERS>
void give_registers() {}
template <int REGISTERS>
void take_registers() {}

template <int HIGH, int WIDE>
void products_begin(float (&)[HIGH][WIDE][4]) {}
inline void products_open() {}
inline void products_commit() { ++emulated::postponed().committed; }

template <int WIDE>
void multiply_add(float (&sums)[WIDE][4], const float* x, const float* w, int step, int line = __builtin_LINE()) {
  emulated::require_rows(x, line);
  emulated::require_rows(w, line);
  emulated::PostponedProducts& mine = emulated::postponed();
  mine.waiting.push_back({sums, WIDE, x, w, step, mine.committed});
}

// A warp waits as one.
template <int LATEST>
void products_wait(int line = __builtin_LINE()) {
  std::deque<emulated::Products>& waiting = emulated::postponed().waiting;
  for (; !waiting.empty() && waiting.front().group + LATEST < emulated::postponed().committed; waiting.pop_front())
    emulated::multiply_add(waiting.front());
  __syncwarp(~0u, line);
}
template <int HIGH, int WIDE>
void products_end(float (&)[HIGH][WIDE][4], int line = __builtin_LINE()) {
  products_wait<0>(line);
}
