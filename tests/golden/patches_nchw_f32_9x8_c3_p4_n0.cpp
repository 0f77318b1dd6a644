#include <cstdint>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace patches_nchw_f32_9x8_c3_p4_n0_code {
namespace {

constexpr int64_t CHANNELS = 3, HEIGHT = 9, WIDTH = 8;
constexpr int64_t SIDE = 4, ROWS = 2, COLUMNS = 2;  // of a patch; patches of an image

// A unit is a row of patches.
int64_t units(int64_t count) { return count * ROWS; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

// NCHW: a line of a patch takes SIDE pixels from each plane.
void line(const float* from, float* to) {
#pragma GCC unroll 3
  for (int64_t c = 0; c < CHANNELS; ++c)
#pragma GCC unroll 4
    for (int64_t x = 0; x < SIDE; ++x) to[x * CHANNELS + c] = from[c * HEIGHT * WIDTH + x];
}

void run(const O1dOperationCall* call) {
  constexpr int64_t PIXEL = 1, LINE = SIDE * CHANNELS;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const float* const from = call->input + u / ROWS * HEIGHT * WIDTH * CHANNELS + u % ROWS * SIDE * WIDTH * PIXEL;
    float* const to = call->output + u * COLUMNS * SIDE * LINE;
    for (int64_t y = 0; y < SIDE; ++y)
      for (int64_t column = 0; column < COLUMNS; ++column)
        line(from + (y * WIDTH + column * SIDE) * PIXEL, to + (column * SIDE + y) * LINE);
  }
}

}  // namespace

extern "C" const O1dOperation patches_nchw_f32_9x8_c3_p4_n0;
const O1dOperation patches_nchw_f32_9x8_c3_p4_n0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace patches_nchw_f32_9x8_c3_p4_n0_code
