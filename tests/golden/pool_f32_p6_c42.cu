// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace pool_f32_p6_c42_code {
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

constexpr int PIXELS = 6, CHANNELS = 42, VECTOR = 2, PIECES = CHANNELS / VECTOR;
constexpr int THREADS = 256, LANES = 32, WARPS = THREADS / LANES, CHUNKS = (PIECES + LANES - 1) / LANES;

__device__ __forceinline__ void add(Piece<VECTOR>& sum, const Piece<VECTOR>& value) {
#pragma unroll
  for (int k = 0; k < VECTOR; ++k) sum.of[k] += value.of[k];
}

}  // namespace

// A block is LANES pieces of one image: its warps share the pixels, and the first one adds up their sums, always in order.
extern "C" __global__ void __launch_bounds__(256) pool_f32_p6_c42(
    const float* __restrict__ input, float* __restrict__ output, int) {
  __shared__ Piece<VECTOR> sums[THREADS];
  const long long image = blockIdx.x / CHUNKS;
  const int lane = threadIdx.x % LANES, warp = threadIdx.x / LANES, piece = blockIdx.x % CHUNKS * LANES + lane;
  const bool present = piece < PIECES;
  const float* const from = input + image * PIXELS * CHANNELS + piece * VECTOR;
  Piece<VECTOR> sum{};
#pragma unroll 8
  for (int pixel = warp; pixel < PIXELS; pixel += WARPS)
    if (present) add(sum, load<VECTOR>(from + (long long)pixel * CHANNELS));
  sums[threadIdx.x] = sum;
  __syncthreads();
  if (warp > 0 || !present) return;
#pragma unroll
  for (int other = 1; other < WARPS; ++other) add(sum, sums[other * LANES + lane]);
#pragma unroll
  for (int k = 0; k < VECTOR; ++k) sum.of[k] /= PIXELS;
  store(output + image * CHANNELS + piece * VECTOR, sum);
}

}  // namespace pool_f32_p6_c42_code
