// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace patches_nhwc_f32_4x5_c6_p2_n0_code {
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

constexpr int HEIGHT = 4, WIDTH = 5, SIDE = 2;
constexpr int ROWS = HEIGHT / SIDE, COLUMNS = WIDTH / SIDE;  // patches
constexpr int PIXELS = ROWS * COLUMNS * SIDE * SIDE;         // of an image, in patches

// A pixel's place in its map. Pixels go by patch, and by (dy, dx) in a patch.
__device__ __forceinline__ int source(int pixel) {
  const int patch = pixel / (SIDE * SIDE), dy = pixel / SIDE % SIDE, dx = pixel % SIDE;
  return (patch / COLUMNS * SIDE + dy) * WIDTH + patch % COLUMNS * SIDE + dx;
}

constexpr int CHANNELS = 6, VECTOR = 2, PIECES = CHANNELS / VECTOR;
// A thread does EACH pieces, all fetched before the first is stored.
constexpr int THREADS = 256, EACH = 4;

}  // namespace

// BLOCKS blocks an image.
extern "C" __global__ void __launch_bounds__(256) patches_nhwc_f32_4x5_c6_p2_n0(
    const float* __restrict__ input, float* __restrict__ output, int) {
  constexpr int BLOCKS = 1;
  const long long image = blockIdx.x / BLOCKS;
  const int first = blockIdx.x % BLOCKS * (THREADS * EACH) + threadIdx.x;
  const float* const map = input + image * HEIGHT * WIDTH * CHANNELS;
  float* const patches = output + image * PIXELS * CHANNELS;
  Piece<VECTOR> held[EACH];
#pragma unroll
  for (int i = 0; i < EACH; ++i) {
    const int pixel = (first + i * THREADS) / PIECES, piece = (first + i * THREADS) % PIECES;
    if (pixel < PIXELS) held[i] = load<VECTOR>(map + (long long)source(pixel) * CHANNELS + piece * VECTOR);
  }
#pragma unroll
  for (int i = 0; i < EACH; ++i)
    if (first + i * THREADS < (long long)PIXELS * PIECES) store(patches + (long long)(first + i * THREADS) * VECTOR, held[i]);
}

}  // namespace patches_nhwc_f32_4x5_c6_p2_n0_code
