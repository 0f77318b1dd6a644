// templates/cuda/partials/async_box.hbs and ring_async.hbs: boxes of a tensor, zeros where they stick out of it.
// Definitions: boxes.cpp.
#pragma once
#include <array>

#include "language.h"

#define __grid_constant__

// What the copy engine knows of a tensor: innermost dimension first; elements from one to the next of the others.
struct TensorMap {
  const float* base;
  std::array<long long, 4> sizes;
  std::array<int, 4> box;
  std::array<long long, 3> steps;
  bool swizzled = false;
};

namespace emulated {
// Refuses what cuTensorMapEncodeTiled would. Images lie one behind the other; so do pixels and rows, unless there are `steps`.
TensorMap tensor_map(const float* base, const std::array<long long, 4>& sizes, const std::array<int, 4>& box);
TensorMap tensor_map(const float* base, const std::array<long long, 4>& sizes, const std::array<int, 4>& box,
                     const std::array<long long, 2>& steps);
// The same, but that chunks of 16 bytes change places within the 128 of a row of the box.
TensorMap swizzled(const TensorMap& map);
}  // namespace emulated

void async_box_copy(unsigned long long* barrier, void* shared, int bytes, const TensorMap* map, int channel, int x, int y,
                    int image, int line = __builtin_LINE());
void async_box_wait(unsigned long long* barrier, int line = __builtin_LINE());

void phase_init(unsigned long long* barrier, int count, int line = __builtin_LINE());
void phase_arrive(unsigned long long* barrier, int line = __builtin_LINE());
void phase_wait(unsigned long long* barrier, int parity, int line = __builtin_LINE());
void phase_fetch(unsigned long long* barrier, void* shared, int bytes, const TensorMap* map, int channel, int x, int y,
                 int image, int line = __builtin_LINE());
void box_prefetch(const TensorMap* map, int channel, int x, int y, int image, int line = __builtin_LINE());

// templates/cuda/partials/box_lines.hbs: places in dynamic shared memory as offsets.
inline unsigned shared_at(const float* place) {
  return unsigned(reinterpret_cast<const char*>(place) - static_cast<const char*>(emulated::dynamic_shared));
}
inline const float* place_at(unsigned shared) {
  return reinterpret_cast<const float*>(static_cast<const char*>(emulated::dynamic_shared) + shared);
}
template <typename T>
T* settled(T* place) { return place; }

// Threads run one at a time.
inline int count_up(int* counter) { return (*counter)++; }
