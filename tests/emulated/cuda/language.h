// The words of CUDA that our kernels are written in, as C++.
#pragma once

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

// Static shared memory. Blocks run one after the other, so that one copy serves all; the section tells where it lies, for
// poisoning. Dynamic shared memory, `extern __shared__ T name[];`, has no word in C++: emulation.ts writes EMULATED_SHARED.
#define __shared__ static __attribute__((section("emulated_shared")))
#define EMULATED_SHARED(type, name) [[maybe_unused]] type* const name = static_cast<type*>(emulated::dynamic_shared)

namespace emulated {
extern void* dynamic_shared;
}

// Ours are one-dimensional.
struct Index {
  unsigned x = 0;
};
extern Index threadIdx, blockIdx, blockDim, gridDim;

struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}
inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
inline float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
inline float erff(float x) { return __builtin_erff(x); }
inline float expf(float x) { return __builtin_expf(x); }
inline float exp2f(float x) { return __builtin_exp2f(x); }
inline float fabsf(float x) { return __builtin_fabsf(x); }
inline float sqrtf(float x) { return __builtin_sqrtf(x); }

// templates/cuda/partials/early.hbs: kernels run one after the other.
inline void let_next_start() {}
inline void await_kernel_before() {}

// Loads and stores with a hint for the caches.
template <class T>
T __ldg(const T* from) {
  return *from;
}
template <class T>
T __ldcg(const T* from) {
  return *from;
}
template <class T>
void __stcs(T* to, T value) {
  *to = value;
}
template <class T>
void __stwb(T* to, T value) {
  *to = value;
}

// Threads run one at a time, and see at once what others wrote.
template <class T>
T atomicAdd(T* sum, T value) {
  const T before = *sum;
  *sum += value;
  return before;
}
inline void __threadfence() {}
