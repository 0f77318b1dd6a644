#pragma once
#include <cstdint>
#include <vector>

namespace oriented1d {

// Of one axis: output i is the sum of weights[i * width + j] times input first[i] + j, for j below width, over 2^22.
struct Filter {
  std::vector<int32_t> first, weights;
  int32_t width() const { return static_cast<int32_t>(weights.size() / first.size()); }
};

// Filters rows of `columns` pixels of three bytes along rows, rounds to bytes, and filters that along columns. Writes
// down.first.size() rows of across.first.size() pixels. Sums of weights times bytes stay within 32 bits. What filters read has to be there.
void resample(const uint8_t* pixels, int32_t columns, const Filter& across, const Filter& down, uint8_t* output);

}  // namespace oriented1d
