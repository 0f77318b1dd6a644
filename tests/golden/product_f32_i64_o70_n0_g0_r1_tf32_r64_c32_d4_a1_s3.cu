// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i64_o70_n0_g0_r1_tf32_r64_c32_d4_a1_s3_code {
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

// Copies from global to shared memory that run beside the thread that starts them, 4, 8 or 16 aligned bytes each. A
// thread closes a group with async_commit(); async_wait<N>() waits for all of its own groups but the latest N. What other
// threads copied shows after a barrier behind their wait. Below sm_80 they are plain loads and stores.
#ifndef O1D_EMULATED  // tests/emulated has its own
template <class Unit>
__device__ __forceinline__ void async_copy(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  const unsigned to = __cvta_generic_to_shared(shared);
  if (sizeof(Unit) == 16)  // past the first-level cache
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(global) : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(to), "l"(global), "n"(sizeof(Unit)) : "memory");
#else
  *static_cast<Unit*>(shared) = *static_cast<const Unit*>(global);
#endif
}

__device__ __forceinline__ void async_copy_4(void* shared, const void* global) { async_copy<float>(shared, global); }
__device__ __forceinline__ void async_copy_8(void* shared, const void* global) { async_copy<float2>(shared, global); }
__device__ __forceinline__ void async_copy_16(void* shared, const void* global) { async_copy<float4>(shared, global); }

__device__ __forceinline__ void async_commit() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int LATEST>
__device__ __forceinline__ void async_wait() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(LATEST) : "memory");
#endif
}
#endif

// Products of small matrices by the tensor cores, in TF32: float32 with 10 bits of mantissa, summed up in float32. All 32
// lanes of a warp call each of these. With g = lane / 4 and t = lane % 4, the fragments of a lane hold
//   x, 16 rows of 8:     (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
//   w, 8 rows of 8:      (g, t), (g, t + 4)
//   sums, 16 rows of 8:  (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
#ifndef O1D_EMULATED  // tests/emulated has its own
#if __CUDA_ARCH__ < 800
#error "TF32 needs sm_80 or later"
#endif
// Four matrices of 8 rows of 4 floats, 16 aligned bytes of shared memory each: a lane gives the address of row lane % 8 of
// matrix lane / 8, and gets element (g, t) of each. All rows lie BEHIND floats further: a part of the instruction, so that tiles need no address each.
template <int BEHIND = 0>
__device__ __forceinline__ void load_matrices(unsigned (&to)[4], const float* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4 + %5];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"((unsigned)__cvta_generic_to_shared(row)), "n"(BEHIND * 4)
               : "memory");
}

// The nearest number of TF32.
__device__ __forceinline__ unsigned tf32(unsigned bits) {
  unsigned nearest;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(nearest) : "f"(__uint_as_float(bits)));
  return nearest;
}

// sums += x * transposed w.
__device__ __forceinline__ void multiply_add(float (&sums)[4], const unsigned (&x)[4], unsigned w0, unsigned w1) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(w0), "r"(w1));
}
#endif

constexpr int INNER = 64, OUTER = 70;
// A block computes ROWS x COLUMNS numbers by DOWN x ACROSS warps, from STEPS pieces of DEPTH columns of both matrices, of
// which STAGES are here or on their way.
constexpr int ROWS = 64, COLUMNS = 32, DOWN = 4, ACROSS = 1, DEPTH = 32, STAGES = 3;
constexpr int THREADS = DOWN * ACROSS * 32, STEPS = INNER / DEPTH, CHUNKS = DEPTH / 4, APART = THREADS / CHUNKS;
// A warp's part: HIGH x WIDE products of the tensor cores, each of 16 x 8 numbers.
constexpr int HIGH = ROWS / DOWN / 16, WIDE = COLUMNS / ACROSS / 8;

// Numbers [column, column + FLOATS) of a row of the residual.
template <int FLOATS>
__device__ __forceinline__ Piece<FLOATS> load_residual(const float* residual, int row, int column) {
  return load<FLOATS>(residual + (long long)row * OUTER + column);
}

// Stores numbers [column, column + FLOATS) of a row of the output.
template <int FLOATS>
__device__ __forceinline__ void store_result(float* output, int row, int column, const Piece<FLOATS>& piece) {
  store(output + (long long)row * OUTER + column, piece);
}

// Where four floats of a staged row lie. Chunks change places from row to row, so that the same chunk of eight rows, which
// is read at a time, lies in all banks.
__device__ __forceinline__ int place(int row, int chunk) { return row * DEPTH + (chunk ^ row % CHUNKS) * 4; }

}  // namespace

// Tiles of a band of rows follow one another, so that the band is read from memory once.
extern "C" __global__ void __launch_bounds__(128, 2) product_f32_i64_o70_n0_g0_r1_tf32_r64_c32_d4_a1_s3(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias, const float* residual,
    float* output, int count) {
  extern __shared__ __align__(128) float staged[];
  constexpr int ACROSS_ALL = (OUTER + COLUMNS - 1) / COLUMNS, STAGE = (ROWS + COLUMNS) * DEPTH;
  const int column = blockIdx.x % ACROSS_ALL * COLUMNS, band = blockIdx.x / ACROSS_ALL;
  const long long row = (long long)band * ROWS;
  const int present = count - row < ROWS ? count - row : ROWS;

  // Rows and columns that are not there are left as they are; what comes of them is not stored.
  const int own = threadIdx.x / CHUNKS, chunk = threadIdx.x % CHUNKS;
  const float* x_from = input + (row + own) * INNER + chunk * 4;
  const float* w_from = weight + (long long)(column + own) * INNER + chunk * 4;
  const auto fetch = [&](int step) {  // one step after the other
    float* const x_to = staged + step % STAGES * STAGE + place(own, chunk);
    float* const w_to = x_to + ROWS * DEPTH;
#pragma unroll
    for (int line = 0; line < ROWS; line += APART)
      if (line + own < present) async_copy_16(x_to + line * DEPTH, x_from + line * INNER);
#pragma unroll
    for (int line = 0; line < COLUMNS; line += APART)
      if (column + line + own < OUTER) async_copy_16(w_to + line * DEPTH, w_from + line * INNER);
    x_from += DEPTH;
    w_from += DEPTH;
  };

  // From lane 0, so that the compiler sees that it is the same for all lanes.
  const int warp = __shfl_sync(~0u, threadIdx.x / 32, 0), lane = threadIdx.x % 32;
  const int down = warp / ACROSS * (HIGH * 16), across = warp % ACROSS * (WIDE * 8);
  float sums[HIGH][WIDE][4] = {};
#pragma unroll
  for (int step = 0; step < STAGES - 1; ++step) {
    if (step < STEPS) fetch(step);
    async_commit();
  }
#pragma unroll 1
  for (int step = 0; step < STEPS; ++step) {
    async_wait<STAGES - 2>();
    __syncthreads();  // all have come here, and none is still at the stage that is filled next
    const float* const x_lines = staged + step % STAGES * STAGE;
    const float* const w_lines = x_lines + ROWS * DEPTH;
    if (step + STAGES - 1 < STEPS) fetch(step + STAGES - 1);
    async_commit();
#pragma unroll
    for (int k = 0; k < CHUNKS; k += 2) {
      unsigned x[HIGH][4];
#pragma unroll
      for (int i = 0; i < HIGH; ++i) {
        load_matrices(x[i], x_lines + place(down + i * 16 + lane % 16, k + lane / 16));
#pragma unroll
        for (int part = 0; part < 4; ++part) x[i][part] = tf32(x[i][part]);
      }
#pragma unroll
      for (int j = 0; j < WIDE; j += 2) {
        unsigned w[4];
        load_matrices(w, w_lines + place(across + j * 8 + lane / 16 * 8 + lane % 8, k + lane / 8 % 2));
#pragma unroll
        for (int part = 0; part < 4; ++part) w[part] = tf32(w[part]);
#pragma unroll
        for (int i = 0; i < HIGH; ++i) {
          multiply_add(sums[i][j], x[i], w[0], w[1]);
          multiply_add(sums[i][j + 1], x[i], w[2], w[3]);
        }
      }
    }
  }

#pragma unroll
  for (int j = 0; j < WIDE; ++j) {
    const int at = column + across + j * 8 + lane % 4 * 2;
    if (at >= OUTER) continue;
    const auto shift = load<2>(bias + at);
#pragma unroll
    for (int i = 0; i < HIGH; ++i)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int line = down + i * 16 + half * 8 + lane / 4;
        if (line >= present) continue;
        Piece<2> made;
        const auto addend = load_residual<2>(residual, row + line, at);
#pragma unroll
        for (int side = 0; side < 2; ++side)
          made.of[side] = sums[i][j][half * 2 + side] + shift.of[side] + addend.of[side];
        store_result(output, row + line, at, made);
      }
  }
}

}  // namespace product_f32_i64_o70_n0_g0_r1_tf32_r64_c32_d4_a1_s3_code
