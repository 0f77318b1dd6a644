// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace gelu_tanh_f32_c20_code {
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

// By tanh: max(x, 0) - a * Q(a), where a = |x| and Q(a) = 1 / (1 + exp(2 sqrt(2/pi) (a + 0.044715 a^3))), zero from 12 on.
__device__ __forceinline__ float gelu(float x) {
  const float a = 12.0f < fabsf(x) ? 12.0f : fabsf(x);  // a NaN stays one
  return (x > 0.0f ? x : 0.0f) - a / (1.0f + expf(a * (1.5957691f + 0.071354816f * a * a)));
}

// A thread does EACH pieces, all fetched before the first is used.
constexpr int VECTOR = 4, PIECES = 5, THREADS = 256, EACH = 4;

}  // namespace

// The output may be the input.
extern "C" __global__ void __launch_bounds__(256) gelu_tanh_f32_c20(const float* input, float* output, int count) {
  const long long pieces = (long long)count * PIECES, first = (long long)blockIdx.x * (THREADS * EACH) + threadIdx.x;
  Piece<VECTOR> held[EACH];
#pragma unroll
  for (int i = 0; i < EACH; ++i)
    if (first + i * THREADS < pieces) held[i] = load<VECTOR>(input + (first + i * THREADS) * VECTOR);
#pragma unroll
  for (int i = 0; i < EACH; ++i) {
    if (first + i * THREADS >= pieces) break;
#pragma unroll
    for (int k = 0; k < VECTOR; ++k) held[i].of[k] = gelu(held[i].of[k]);
    store(output + (first + i * THREADS) * VECTOR, held[i]);
  }
}

}  // namespace gelu_tanh_f32_c20_code
