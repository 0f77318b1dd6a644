// What the tensor cores do for a warp, and for four. Of operands they ignore what TF32 has no bits for.
#include "tensor_cores.h"

#include <bit>
#include <cstdint>

#include "block.h"

namespace emulated {
namespace {

constexpr unsigned UNUSED = (1u << 13) - 1;

// What lanes hand to one another, by thread.
struct Fragments {
  unsigned x[4], w[2];
};
Fragments fragments[1024];
const float* rows[1024];

float value(unsigned bits) { return std::bit_cast<float>(bits & ~UNUSED); }

}  // namespace

const float* const* rows_of_lanes(const float* own, int line) {
  if (reinterpret_cast<uintptr_t>(own) % 16 != 0)
    Block::current().fail("thread %u gives a row that is not aligned in line %d", threadIdx.x, line);
  rows[threadIdx.x] = own;
  __syncwarp(~0u, line);
  return rows + threadIdx.x / 32 * 32;
}

float tf32_value(float held) { return value(std::bit_cast<unsigned>(held)); }

PostponedProducts& postponed() { return Block::current().thread().products; }

void require_rows(const float* rows, int line) {
  if (reinterpret_cast<uintptr_t>(rows) % 1024 != 0)
    Block::current().fail("thread %u multiplies rows that are not aligned in line %d", threadIdx.x, line);
}

}  // namespace emulated

// Ties go away from zero; an infinity or a NaN stays one.
unsigned tf32(unsigned bits) {
  const bool finite = (bits >> 23 & 0xff) != 0xff;
  return (finite ? bits + (emulated::UNUSED + 1) / 2 : bits) & ~emulated::UNUSED;
}

void multiply_add(float (&sums)[4], const unsigned (&x)[4], unsigned w0, unsigned w1, int line) {
  using emulated::fragments;
  fragments[threadIdx.x] = {{x[0], x[1], x[2], x[3]}, {w0, w1}};
  __syncwarp(~0u, line);
  const emulated::Fragments* const warp = fragments + threadIdx.x / 32 * 32;
  const int g = emulated::lane() / 4, t = emulated::lane() % 4;
  for (int part = 0; part < 4; ++part)
    for (int k = 0; k < 8; ++k) {
      const unsigned a = warp[4 * g + k % 4].x[part / 2 + k / 4 * 2];
      const unsigned b = warp[4 * (2 * t + part % 2) + k % 4].w[k / 4];
      sums[part] += emulated::value(a) * emulated::value(b);
    }
  // Nobody hands out the next fragments before all have used these.
  __syncwarp(~0u, line);
}
