// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace norm_f32_c52_a1_g2_code {
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

constexpr int CHANNELS = 52, VECTOR = 4, PIECES = CHANNELS / VECTOR;
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

// By tanh: max(x, 0) - a * Q(a), where a = |x| and Q(a) = 1 / (1 + exp(2 sqrt(2/pi) (a + 0.044715 a^3))), zero from 12 on.
__device__ __forceinline__ float gelu(float x) {
  const float a = 12.0f < fabsf(x) ? 12.0f : fabsf(x);  // a NaN stays one
  return (x > 0.0f ? x : 0.0f) - a / (1.0f + expf(a * (1.5957691f + 0.071354816f * a * a)));
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

}  // namespace

// A team a row. The output may be the input: a row is held before it is written.
extern "C" __global__ void __launch_bounds__(256) norm_f32_c52_a1_g2(
    const float* input, const float* __restrict__ scale, const float* __restrict__ shift, float* output, int count) {
  const int lane = threadIdx.x % LANES;
  const long long at = (long long)blockIdx.x * TEAMS + threadIdx.x / LANES;
  const bool present = at < count;
  Row row;
  fetch(row, input + at * CHANNELS, lane, present);
  Row scales, shifts;
  fetch(scales, scale, lane, true);
  fetch(shifts, shift, lane, true);
  apply(row, lane, scales, shifts);
#pragma unroll
  for (int i = 0; i < HELD; ++i)
    if (present && has(lane, i)) store(output + at * CHANNELS + channel_of(lane, i), row[i]);
}

}  // namespace norm_f32_c52_a1_g2_code
