// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace gelu_f32_c20_code {
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

// A thread does EACH pieces, all fetched before the first is used.
constexpr int VECTOR = 4, PIECES = 5, THREADS = 256, EACH = 4;

}  // namespace

// The output may be the input.
extern "C" __global__ void __launch_bounds__(256) gelu_f32_c20(const float* input, float* output, int count) {
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

}  // namespace gelu_f32_c20_code
