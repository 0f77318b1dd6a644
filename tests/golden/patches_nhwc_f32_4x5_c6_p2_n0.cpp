#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace patches_nhwc_f32_4x5_c6_p2_n0_code {
namespace {

constexpr int64_t CHANNELS = 6, HEIGHT = 4, WIDTH = 5;
constexpr int64_t SIDE = 2, ROWS = 2, COLUMNS = 2;  // of a patch; patches of an image

// A unit is a row of patches.
int64_t units(int64_t count) { return count * ROWS; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

// NHWC: a line of a patch lies in one piece.
void line(const float* from, float* to) { std::memcpy(to, from, SIDE * CHANNELS * sizeof(float)); }

void run(const O1dOperationCall* call) {
  constexpr int64_t PIXEL = CHANNELS, LINE = SIDE * CHANNELS;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const float* const from = call->input + u / ROWS * HEIGHT * WIDTH * CHANNELS + u % ROWS * SIDE * WIDTH * PIXEL;
    float* const to = call->output + u * COLUMNS * SIDE * LINE;
    for (int64_t y = 0; y < SIDE; ++y)
      for (int64_t column = 0; column < COLUMNS; ++column)
        line(from + (y * WIDTH + column * SIDE) * PIXEL, to + (column * SIDE + y) * LINE);
  }
}

}  // namespace

extern "C" const O1dOperation patches_nhwc_f32_4x5_c6_p2_n0;
const O1dOperation patches_nhwc_f32_4x5_c6_p2_n0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace patches_nhwc_f32_4x5_c6_p2_n0_code
