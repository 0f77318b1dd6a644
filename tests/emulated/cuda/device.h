// What threads do together, for the kernels; the calls give their own lines. Definitions: device.cpp.
#pragma once
#include <cstring>

#include "language.h"

void __syncthreads(int line = __builtin_LINE());
void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE());

namespace emulated {
// The `bytes` at `value`, of the lane `other` of this warp, or the own ones if that lies outside of the segment of `width`
// lanes that this lane is in.
void shuffle(unsigned mask, void* value, int bytes, int other, int width, int line);

inline int lane() { return threadIdx.x % 32; }
}  // namespace emulated

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
  const int first = emulated::lane() / width * width;
  emulated::shuffle(mask, &value, sizeof value, first + (source & (width - 1)), width, line);
  return value;
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  emulated::shuffle(mask, &value, sizeof value, emulated::lane() - int(delta), width, line);
  return value;
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  emulated::shuffle(mask, &value, sizeof value, emulated::lane() + int(delta), width, line);
  return value;
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, int line = __builtin_LINE()) {
  emulated::shuffle(mask, &value, sizeof value, emulated::lane() ^ bits, width, line);
  return value;
}

// templates/cuda/partials/cluster_step.hbs: blocks run one after the other, so that only the order of the calls is seen.
void say_begun(int line = __builtin_LINE());
void await_neighbour(int line = __builtin_LINE());

// templates/cuda/partials/async.hbs: what is copied shows only once it was waited for.
void async_copy_4(void* shared, const void* global, int line = __builtin_LINE());
void async_copy_8(void* shared, const void* global, int line = __builtin_LINE());
void async_copy_16(void* shared, const void* global, int line = __builtin_LINE());
void async_commit();

namespace emulated {
void async_wait(int latest);
}
template <int LATEST>
void async_wait() {
  emulated::async_wait(LATEST);
}

// templates/cuda/partials/async_bulk.hbs.
void async_bulk_init(unsigned long long* barrier, int copies, int line = __builtin_LINE());
void async_bulk_copy(unsigned long long* barrier, void* shared, const void* global, int bytes, int count = 1,
                     int shared_step = 0, long long global_step = 0, int line = __builtin_LINE());
void async_bulk_wait(unsigned long long* barrier, int parity, int line = __builtin_LINE());
void async_bulk_store(void* global, const void* shared, int bytes, int count = 1, int shared_step = 0,
                      long long global_step = 0, int line = __builtin_LINE());
void async_bulk_store_wait(int line = __builtin_LINE());
void async_bulk_store_read();
