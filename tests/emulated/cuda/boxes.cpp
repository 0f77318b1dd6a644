#include "boxes.h"

#include <cstdint>

#include "block.h"
#include "device.h"

namespace emulated {
namespace {

constexpr int LONGEST_SIDE = 256;

// The box's pixels in order. Channels of one pixel are neighbours in the tensor, too.
std::vector<float> gather(const TensorMap& map, const std::array<long long, 4>& at) {
  const auto& [channels, width, height, images] = map.sizes;
  const auto& [box_channels, columns, rows, box_images] = map.box;
  std::vector<float> pixels(size_t(box_channels) * columns * rows, 0.0f);
  const long long inside = min<long long>(box_channels, channels - at[0]);
  float* to = pixels.data();
  for (long long y = at[2]; y < at[2] + rows; ++y)
    for (long long x = at[1]; x < at[1] + columns; ++x, to += box_channels)
      if (y >= 0 && y < height && x >= 0 && x < width && at[3] >= 0 && at[3] < images && inside > 0)
        std::memcpy(to, map.base + ((at[3] * height + y) * width + x) * channels + at[0], 4 * inside);
  return pixels;
}

bool aligned(const void* pointer, size_t bytes) { return reinterpret_cast<uintptr_t>(pointer) % bytes == 0; }

}  // namespace

TensorMap tensor_map(const float* base, const std::array<long long, 4>& sizes, const std::array<int, 4>& box) {
  bool legal = aligned(base, 16) && sizes[0] % 4 == 0 && box[0] % 4 == 0 && box[3] == 1;
  for (const int side : box) legal = legal && side >= 1 && side <= LONGEST_SIDE;
  if (!legal) {
    std::fprintf(stderr, "no tensor map: sizes and boxes are multiples of 16 bytes, with up to 256 elements a side\n");
    std::_Exit(1);
  }
  return {base, sizes, box};
}

}  // namespace emulated

using emulated::Block;

void async_box_copy(unsigned long long* place, void* shared, int bytes, const TensorMap* map, int channel, int x, int y,
                    int image, int line) {
  if (threadIdx.x != 0) return;
  Block& block = Block::current();
  if (!emulated::aligned(shared, 128) || !emulated::aligned(place, 8) || channel % 4 != 0)
    block.fail("line %d fetches a box that is not aligned", line);
  const std::vector<float> pixels = emulated::gather(*map, {channel, x, y, image});
  if (4 * pixels.size() != size_t(bytes)) block.fail("line %d waits for other bytes than a box has", line);
  std::memset(place, 0, sizeof *place);
  emulated::BulkBarrier& barrier = block.bulk_barriers[place];
  barrier.copies = barrier.started = 1;
  barrier.pending.emplace_back(shared, pixels.data(), bytes);
}

void async_box_wait(unsigned long long* place, int line) {
  __syncthreads(line);
  async_bulk_wait(place, 0, line);
}
