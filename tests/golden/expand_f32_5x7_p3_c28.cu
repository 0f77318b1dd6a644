// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace expand_f32_5x7_p3_c28_code {
namespace {

// Floats side by side that are fetched and stored as one: 1, 2 or 4 of them.
template <int FLOATS>
struct alignas(4 * FLOATS) Piece {
  float of[FLOATS];
};

template <int FLOATS>
__device__ __forceinline__ Piece<FLOATS> load(const float* from) {
  return *reinterpret_cast<const Piece<FLOATS>*>(from);
}

// By a function that is one store for certain: the compiler takes some assignments apart.
template <int FLOATS>
__device__ __forceinline__ void store(float* to, const Piece<FLOATS>& piece) {
  const auto& of = piece.of;
  if constexpr (FLOATS == 4)
    __stwb(reinterpret_cast<float4*>(to), make_float4(of[0], of[1], of[2], of[3]));
  else if constexpr (FLOATS == 2)
    __stwb(reinterpret_cast<float2*>(to), make_float2(of[0], of[1]));
  else
    __stwb(to, of[0]);
}

constexpr int PIXELS = 35, PLANES = 3, CHANNELS = 28;
constexpr int VECTOR = 4, PIECES = CHANNELS / VECTOR;
// A thread does GROUP pixels in VECTOR channels; it fetches IN pixels of a plane as one.
constexpr int THREADS = 256, GROUP = 8, IN = 1, GROUPS = (PIXELS + GROUP - 1) / GROUP;

}  // namespace

// BLOCKS blocks an image; threads side by side store side by side.
extern "C" __global__ void __launch_bounds__(256) expand_f32_5x7_p3_c28(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ output, int) {
  constexpr int BLOCKS = 1;
  const long long image = blockIdx.x / BLOCKS;
  const int at = blockIdx.x % BLOCKS * THREADS + threadIdx.x, group = at / PIECES, channel = at % PIECES * VECTOR;
  if (group >= GROUPS) return;
  const int first = group * GROUP;
  Piece<VECTOR> sums[GROUP];
#pragma unroll
  for (int p = 0; p < GROUP; ++p) sums[p] = load<VECTOR>(bias + channel);
#pragma unroll 3
  for (int plane = 0; plane < PLANES; ++plane) {
    float weights[VECTOR];
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) weights[k] = weight[(channel + k) * PLANES + plane];
    const float* const from = input + (image * PLANES + plane) * PIXELS + first;
#pragma unroll
    for (int p = 0; p < GROUP; p += IN) {
      const auto x = first + p < PIXELS ? load<IN>(from + p) : Piece<IN>{};
#pragma unroll
      for (int i = 0; i < IN; ++i)
#pragma unroll
        for (int k = 0; k < VECTOR; ++k) sums[p + i].of[k] = fmaf(x.of[i], weights[k], sums[p + i].of[k]);
    }
  }
  float* const to = output + (image * PIXELS + first) * CHANNELS + channel;
#pragma unroll
  for (int p = 0; p < GROUP; ++p)
    if (first + p < PIXELS) store(to + (long long)p * CHANNELS, sums[p]);
}

}  // namespace expand_f32_5x7_p3_c28_code
