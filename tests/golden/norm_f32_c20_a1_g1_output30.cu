// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace norm_f32_c20_a1_g1_output30_code {
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

constexpr int CHANNELS = 20, VECTOR = 4, PIECES = CHANNELS / VECTOR;
// A team of LANES lanes holds a row in registers: lane i its pieces i, i + LANES, ..
constexpr int THREADS = 256, LANES = 8, TEAMS = THREADS / LANES, HELD = (PIECES + LANES - 1) / LANES;
constexpr float SHARE = 1.0f / CHANNELS, EPSILON = 1e-6f;

using Row = Piece<VECTOR>[HELD];

// Whether the lane's i-th piece is one of the row's; known beforehand for all but the last.
__device__ __forceinline__ bool has(int lane, int i) { return i < PIECES / LANES || lane + i * LANES < PIECES; }

__device__ __forceinline__ int channel_of(int lane, int i) { return (lane + i * LANES) * VECTOR; }

__device__ __forceinline__ void fetch(Row& row, const float* from, int lane, bool present) {
#pragma unroll
  for (int i = 0; i < HELD; ++i)
    row[i] = present && has(lane, i) ? load<VECTOR>(from + channel_of(lane, i)) : Piece<VECTOR>{};
}

__device__ __forceinline__ float team_sum(float value) {
#pragma unroll
  for (int bits = LANES / 2; bits > 0; bits /= 2) value += __shfl_xor_sync(~0u, value, bits);
  return value;
}

// Takes the mean out of a row, and then the deviation.
__device__ __forceinline__ void normalize(Row& row, int lane) {
  float sum = 0.0f, squares = 0.0f;
#pragma unroll
  for (int i = 0; i < HELD; ++i)
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) sum += row[i].of[k];
  const float mean = team_sum(sum) * SHARE;
#pragma unroll
  for (int i = 0; i < HELD; ++i)
    if (has(lane, i))
#pragma unroll
      for (int k = 0; k < VECTOR; ++k) {
        row[i].of[k] -= mean;
        squares = fmaf(row[i].of[k], row[i].of[k], squares);
      }
  const float scale = 1.0f / sqrtf(fmaf(team_sum(squares), SHARE, EPSILON));
#pragma unroll
  for (int i = 0; i < HELD; ++i)
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) row[i].of[k] *= scale;
}

__device__ __forceinline__ float power_of_two(float x) {
#ifdef O1D_EMULATED
  return exp2f(x);
#else
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
#endif
}

// x * Phi(x) = max(x, 0) - a * Q(a), where a = |x| and Q(a) = erfc(a / sqrt(2)) / 2. The logarithm of Q to base 2 is a polynomial of
// degree 7, fitted in float64 to the least maximum of the error of a * Q(a), -1 at 0; from 6.2 on a * Q(a) is taken to be
// 2e-9. Error: 4e-8 and float32's rounding, at half of the instructions of erff.
__device__ __forceinline__ float gelu(float x) {
  const float a = 6.2f < fabsf(x) ? 6.2f : fabsf(x);  // a NaN stays one
  float exponent = 4.278759661e-06f;
  exponent = fmaf(exponent, a, -1.279838671e-05f);
  exponent = fmaf(exponent, a, -5.757854669e-04f);
  exponent = fmaf(exponent, a, 7.670782041e-03f);
  exponent = fmaf(exponent, a, -5.294856429e-02f);
  exponent = fmaf(exponent, a, -4.590439200e-01f);
  exponent = fmaf(exponent, a, -1.151126981f);
  exponent = fmaf(exponent, a, -1.0f);
  return fmaf(-a, power_of_two(exponent), x > 0.0f ? x : 0.0f);
}

// Takes a row to what the operation makes of it.
__device__ __forceinline__ void apply(Row& row, int lane, const Row& scales, const Row& shifts) {
  normalize(row, lane);
#pragma unroll
  for (int i = 0; i < HELD; ++i)
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) row[i].of[k] = fmaf(row[i].of[k], scales[i].of[k], shifts[i].of[k]);
#pragma unroll
  for (int i = 0; i < HELD; ++i)
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) row[i].of[k] = gelu(row[i].of[k]);
}

constexpr int PIXELS = 30;  // of a plane

// Where a row's first number lies in planes [N,channels,PIXELS]; the next one lies PIXELS behind it.
__device__ __forceinline__ long long plane_place(int row, int channels) {
  return row + (long long)(row / PIXELS) * (channels - 1) * PIXELS;
}

constexpr int TURNS = 1, ROWS = TURNS * TEAMS;  // rows of a team, and of a block
constexpr int PLANE_VECTOR = 2;  // pixels of a plane that are fetched, or stored, as one: they divide PIXELS, so that none crosses its end

// A block's rows as parts of planes. With a number behind each, what a warp reads or writes at a time lies in all banks, both ways.
using Tile = float[CHANNELS][ROWS + 1];

}  // namespace

// A team a row, whose neighbours are the block's other rows: they come by rows and leave by planes.
extern "C" __global__ void __launch_bounds__(256) norm_f32_c20_a1_g1_output30(
    const float* __restrict__ input, const float* __restrict__ scale, const float* __restrict__ shift, float* __restrict__ output, int count) {
  __shared__ Tile tile;
  const int first = blockIdx.x * ROWS, lane = threadIdx.x % LANES, team = threadIdx.x / LANES;
  // The planes' side: neighbours have pieces of a plane side by side.
  constexpr int PIECES_ACROSS = ROWS / PLANE_VECTOR, CHANNELS_DOWN = THREADS / PIECES_ACROSS;
  const int pixel = threadIdx.x % PIECES_ACROSS * PLANE_VECTOR, channel = threadIdx.x / PIECES_ACROSS;
  const bool isPixel = first + pixel < count;
  // Before the block meets, so that it does not wait for them behind that.
  Row scales, shifts;
  fetch(scales, scale, lane, true);
  fetch(shifts, shift, lane, true);
#pragma unroll 1
  for (int own = team; own < ROWS; own += TEAMS) {
    const bool present = first + own < count;
    Row row;
    fetch(row, input + (long long)(first + own) * CHANNELS, lane, present);
    apply(row, lane, scales, shifts);
#pragma unroll
    for (int i = 0; i < HELD; ++i)
#pragma unroll
      for (int k = 0; k < VECTOR; ++k)
        if (has(lane, i)) tile[channel_of(lane, i) + k][own] = row[i].of[k];
  }
  __syncthreads();
  if (!isPixel) return;
  float* const to = output + plane_place(first + pixel, CHANNELS);
#pragma unroll
  for (int i = 0; i < CHANNELS; i += CHANNELS_DOWN) {
    if (i + channel >= CHANNELS) continue;
    Piece<PLANE_VECTOR> piece;
#pragma unroll
    for (int k = 0; k < PLANE_VECTOR; ++k) piece.of[k] = tile[i + channel][pixel + k];
    store(to + (i + channel) * PIXELS, piece);
  }
}

}  // namespace norm_f32_c20_a1_g1_output30_code
