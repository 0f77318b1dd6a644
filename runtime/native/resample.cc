#include "resample.h"

#include <algorithm>

// The widest of the processor's vectors, where the loader can choose.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define VECTORIZED __attribute__((target_clones("avx2", "default")))
#else
#define VECTORIZED
#endif

namespace oriented1d {

namespace {

constexpr int CHANNELS = 3, BITS = 22;
constexpr int32_t HALF = 1 << (BITS - 1);

uint8_t byte(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> BITS, 0, 255)); }

// A pixel's three sums at a time.
VECTORIZED void along_row(const uint8_t* pixels, const int32_t* first, const int32_t* weights, int32_t width, int32_t count,
                          uint8_t* output) {
  for (int32_t x = 0; x < count; ++x) {
    const uint8_t* from = pixels + first[x] * CHANNELS;
    int32_t red = HALF, green = HALF, blue = HALF;
    for (int32_t j = 0; j < width; ++j, from += CHANNELS) {
      const int32_t weight = weights[x * width + j];
      red += weight * from[0];
      green += weight * from[1];
      blue += weight * from[2];
    }
    output[x * CHANNELS] = byte(red);
    output[x * CHANNELS + 1] = byte(green);
    output[x * CHANNELS + 2] = byte(blue);
  }
}

// All sums of a row at a time, a row of inputs after the other.
VECTORIZED void along_columns(const uint8_t* strip, const int32_t* weights, int32_t width, int32_t pitch, int32_t* sums,
                              uint8_t* output) {
  std::fill(sums, sums + pitch, HALF);
  for (int32_t j = 0; j < width; ++j, strip += pitch)
    for (int32_t x = 0; x < pitch; ++x) sums[x] += weights[j] * strip[x];
  for (int32_t x = 0; x < pitch; ++x) output[x] = byte(sums[x]);
}

}  // namespace

void resample(const uint8_t* pixels, int32_t columns, const Filter& across, const Filter& down, uint8_t* output) {
  const auto count = static_cast<int32_t>(across.first.size());
  const int32_t pitch = count * CHANNELS, width = down.width();
  // Only rows that the second pass reads.
  const auto [top, last] = std::minmax_element(down.first.begin(), down.first.end());
  const int32_t rows = *last + width - *top;
  std::vector<uint8_t> strip(static_cast<size_t>(rows) * pitch);
  for (int32_t y = 0; y < rows; ++y)
    along_row(pixels + (static_cast<size_t>(*top) + y) * columns * CHANNELS, across.first.data(), across.weights.data(),
              across.width(), count, strip.data() + static_cast<size_t>(y) * pitch);
  std::vector<int32_t> sums(pitch);
  for (size_t y = 0; y < down.first.size(); ++y)
    along_columns(strip.data() + static_cast<size_t>(down.first[y] - *top) * pitch, down.weights.data() + y * width, width,
                  pitch, sums.data(), output + y * pitch);
}

}  // namespace oriented1d
