// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace patches_nchw_f32_9x8_c3_p4_n0_code {
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

constexpr int HEIGHT = 9, WIDTH = 8, CHANNELS = 3, SIDE = 4;
constexpr int ROWS = HEIGHT / SIDE, COLUMNS = WIDTH / SIDE;  // patches
constexpr int LINE = SIDE * CHANNELS;                        // floats of a patch's row of pixels
constexpr int CHUNK = 3;                             // channels that a thread does of it
constexpr int LINES = ROWS * COLUMNS * SIDE * (CHANNELS / CHUNK);
constexpr int THREADS = 256, IN = 4, OUT = 4;  // floats that are fetched, and stored, as one

}  // namespace

// A thread does a patch's row of pixels in CHUNK channels, BLOCKS blocks an image: threads side by side store side by side.
extern "C" __global__ void __launch_bounds__(256) patches_nchw_f32_9x8_c3_p4_n0(
    const float* __restrict__ input, float* __restrict__ output, int) {
  constexpr int BLOCKS = 1;
  const long long image = blockIdx.x / BLOCKS;
  const int at = blockIdx.x % BLOCKS * THREADS + threadIdx.x, line = at / (CHANNELS / CHUNK);
  if (at >= LINES) return;
  const int channel = at % (CHANNELS / CHUNK) * CHUNK, dy = line % SIDE, patch = line / SIDE;
  const int y = patch / COLUMNS * SIDE + dy, x = patch % COLUMNS * SIDE;
  float pixels[SIDE * CHUNK];
#pragma unroll
  for (int c = 0; c < CHUNK; ++c) {
    const float* const from = input + ((image * CHANNELS + channel + c) * HEIGHT + y) * WIDTH + x;
#pragma unroll
    for (int dx = 0; dx < SIDE; dx += IN) {
      const auto piece = load<IN>(from + dx);
#pragma unroll
      for (int k = 0; k < IN; ++k) pixels[(dx + k) * CHUNK + c] = piece.of[k];
    }
  }
  float* const to = output + (image * ROWS * COLUMNS * SIDE + line) * LINE + channel;
#pragma unroll
  for (int i = 0; i < SIDE * CHUNK; i += OUT) {
    Piece<OUT> piece;
#pragma unroll
    for (int k = 0; k < OUT; ++k) piece.of[k] = pixels[i + k];
    store(to + i / CHUNK * CHANNELS + i % CHUNK, piece);
  }
}

}  // namespace patches_nchw_f32_9x8_c3_p4_n0_code
