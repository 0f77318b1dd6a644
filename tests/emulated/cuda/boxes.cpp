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
  std::vector<float> pixels(size_t(box_channels) * columns * rows * box_images, 0.0f);
  const long long inside = min<long long>(box_channels, channels - at[0]);
  float* to = pixels.data();
  for (long long image = at[3]; image < at[3] + box_images; ++image)
    for (long long y = at[2]; y < at[2] + rows; ++y)
      for (long long x = at[1]; x < at[1] + columns; ++x, to += box_channels)
        if (y >= 0 && y < height && x >= 0 && x < width && image >= 0 && image < images && inside > 0)
          std::memcpy(to, map.base + image * map.steps[2] + y * map.steps[1] + x * map.steps[0] + at[0], 4 * inside);
  return pixels;
}

// Rows of 128 bytes, whose chunks of 16 change places from row to row.
constexpr int SWIZZLED = 32, CHUNK = 4;
std::vector<float> swizzle(const std::vector<float>& pixels) {
  std::vector<float> moved(pixels.size());
  for (size_t i = 0; i < pixels.size(); ++i) {
    const size_t row = i / SWIZZLED, chunk = i % SWIZZLED / CHUNK;
    moved[row * SWIZZLED + (chunk ^ row % 8) * CHUNK + i % CHUNK] = pixels[i];
  }
  return moved;
}

bool aligned(const void* pointer, size_t bytes) { return reinterpret_cast<uintptr_t>(pointer) % bytes == 0; }

// The pixels of a box that goes to shared memory.
std::vector<float> fetched(const TensorMap& map, const std::array<long long, 4>& at, const void* barrier, const void* shared,
                           int bytes, int line) {
  const Block& block = Block::current();
  if (!aligned(shared, map.swizzled ? 1024 : 128) || !aligned(barrier, 8) || at[0] % 4 != 0)
    block.fail("line %d fetches a box that is not aligned", line);
  const std::vector<float> pixels = map.swizzled ? swizzle(gather(map, at)) : gather(map, at);
  if (4 * pixels.size() != size_t(bytes)) block.fail("line %d waits for other bytes than a box has", line);
  return pixels;
}

PhaseBarrier& phase_barrier(const void* place, int line) {
  Block& block = Block::current();
  const auto found = block.phase_barriers.find(place);
  if (found == block.phase_barriers.end()) block.fail("line %d uses a barrier that phase_init did not make", line);
  return found->second;
}

// A phase whose threads have arrived ends when its boxes land, which is when somebody waits for it.
void end_phase(PhaseBarrier& barrier) {
  for (const Copy& copy : barrier.pending) copy.land();
  barrier.pending.clear();
  barrier.missing = barrier.count;
  barrier.parity ^= 1;
  Block::current().release(barrier.changes);
}

}  // namespace

TensorMap tensor_map(const float* base, const std::array<long long, 4>& sizes, const std::array<int, 4>& box) {
  return tensor_map(base, sizes, box, {sizes[0], sizes[0] * sizes[1]});
}

TensorMap tensor_map(const float* base, const std::array<long long, 4>& sizes, const std::array<int, 4>& box,
                     const std::array<long long, 2>& steps) {
  bool legal = aligned(base, 16) && sizes[0] % 4 == 0 && box[0] % 4 == 0;
  for (const long long step : steps) legal = legal && step % 4 == 0;
  for (const int side : box) legal = legal && side >= 1 && side <= LONGEST_SIDE;
  if (!legal) {
    std::fprintf(stderr, "no tensor map: sizes and boxes are multiples of 16 bytes, with up to 256 elements a side\n");
    std::_Exit(1);
  }
  return {base, sizes, box, {steps[0], steps[1], sizes[0] * sizes[1] * sizes[2]}};
}

TensorMap swizzled(const TensorMap& map) {
  if (map.box[0] != SWIZZLED) {
    std::fprintf(stderr, "no tensor map: rows of 128 bytes are swizzled\n");
    std::_Exit(1);
  }
  TensorMap other = map;
  other.swizzled = true;
  return other;
}

}  // namespace emulated

using emulated::Block;

void async_box_copy(unsigned long long* place, void* shared, int bytes, const TensorMap* map, int channel, int x, int y,
                    int image, int line) {
  if (threadIdx.x != 0) return;
  const std::vector<float> pixels = emulated::fetched(*map, {channel, x, y, image}, place, shared, bytes, line);
  std::memset(place, 0, sizeof *place);
  emulated::BulkBarrier& barrier = Block::current().bulk_barriers[place];
  barrier.copies = barrier.started = 1;
  barrier.pending.emplace_back(shared, pixels.data(), bytes);
}

void async_box_wait(unsigned long long* place, int line) {
  __syncthreads(line);
  async_bulk_wait(place, 0, line);
}

void phase_init(unsigned long long* place, int count, int line) {
  Block& block = Block::current();
  if (!emulated::aligned(place, 8) || block.phase_barriers.count(place) > 0)
    block.fail("line %d makes a barrier that is not aligned, or that was made", line);
  std::memset(place, 0, sizeof *place);
  block.phase_barriers[place] = {count, count, {}};
}

void phase_arrive(unsigned long long* place, int line) {
  emulated::PhaseBarrier& barrier = emulated::phase_barrier(place, line);
  if (barrier.missing == 0) Block::current().fail("line %d arrives at a barrier whose threads are all there", line);
  --barrier.missing;
  if (barrier.missing == 0 && barrier.pending.empty()) emulated::end_phase(barrier);
  else Block::current().release(barrier.changes);
}

void phase_wait(unsigned long long* place, int parity, int line) {
  emulated::PhaseBarrier& barrier = emulated::phase_barrier(place, line);
  while (barrier.parity == unsigned(parity)) {
    if (barrier.missing == 0) emulated::end_phase(barrier);
    else Block::current().wait(barrier.changes, barrier.changes, line);
  }
}

void phase_fetch(unsigned long long* place, void* shared, int bytes, const TensorMap* map, int channel, int x, int y,
                 int image, int line) {
  const std::vector<float> pixels = emulated::fetched(*map, {channel, x, y, image}, place, shared, bytes, line);
  emulated::phase_barrier(place, line).pending.emplace_back(shared, pixels.data(), bytes);
  phase_arrive(place, line);
}

// Only whether the box is one of the tensor's, and not yet asked for, since nothing waits for it.
void box_prefetch(const TensorMap* map, int channel, int x, int y, int image, int line) {
  const std::array<long long, 4> at{channel, x, y, image};
  for (size_t i = 0; i < at.size(); ++i)
    if (at[i] < 0 || at[i] >= map->sizes[i]) Block::current().fail("line %d fetches a box beside the tensor", line);
  if (!Block::current().near_boxes.emplace(map->base, at).second)
    Block::current().fail("line %d lets a box come near again", line);
}
