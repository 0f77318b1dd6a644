// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i64_o70_n0_g1_r0_tf32_r64_c32_d4_a1_s3_g1_code {
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

// Products of larger matrices by the tensor cores, in TF32, of which they ignore what it has no bits for. All 128 lanes of four
// warps call each of these. Both matrices lie in shared memory, 8 columns of rows of 32 floats, whose chunks of four change
// places: chunk c of row r is where c ^ r % 8 would be. Sums are as a warp's, those of 16 of 64 rows.
#ifndef O1D_EMULATED  // tests/emulated has its own
#if __CUDA_ARCH__ != 900
#error "these instructions are sm_90a's alone"
#endif
// What threads copied there is to be seen by the tensor cores, behind the barrier that follows.
__device__ __forceinline__ void show_to_tensor_cores() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// Columns [8 step, 8 step + 8) of rows that begin at a multiple of 1024 bytes: where they begin, and how far groups of eight
// rows are apart, in units of 16 bytes, and that chunks change places within 128.
__device__ __forceinline__ unsigned long long matrix_of(const float* rows, int step) {
  const unsigned at = (unsigned)__cvta_generic_to_shared(rows);
  return ((unsigned long long)(at >> 4 & 0x3fff) | 1ull << 16 | 64ull << 32 | 1ull << 62) + 2 * step;
}

// Behind it, the compiler does what reads these sums, and before it, what makes them: from products_begin() to products_wait()
// they are the tensor cores', which it does not know.
__device__ __forceinline__ void pin(float (&sums)[4][4]) {
#pragma unroll
  for (int i = 0; i < 4; ++i)
    asm volatile("" : "+f"(sums[i][0]), "+f"(sums[i][1]), "+f"(sums[i][2]), "+f"(sums[i][3])::"memory");
}

// sums += x * transposed w, some time between products_commit() and the end of products_wait().
__device__ __forceinline__ void products_begin(float (&sums)[4][4]) {
  pin(sums);
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void multiply_add(float (&sums)[4][4], const float* x, const float* w, int step) {
  asm volatile(
      "{\n"
      "  .reg .pred add;\n"
      "  setp.eq.b32 add, 0, 0;\n"
      "  wgmma.mma_async.sync.aligned.m64n32k8.f32.tf32.tf32 {"
      "%0, %1, %2, %3,"
      "%4, %5, %6, %7,"
      "%8, %9, %10, %11,"
      "%12, %13, %14, %15"
      "}, %16, %17, add, 1, 1;\n"
      "}\n"
      :
      "+f"(sums[0][0]), "+f"(sums[0][1]), "+f"(sums[0][2]), "+f"(sums[0][3]),
      "+f"(sums[1][0]), "+f"(sums[1][1]), "+f"(sums[1][2]), "+f"(sums[1][3]),
      "+f"(sums[2][0]), "+f"(sums[2][1]), "+f"(sums[2][2]), "+f"(sums[2][3]),
      "+f"(sums[3][0]), "+f"(sums[3][1]), "+f"(sums[3][2]), "+f"(sums[3][3])
      : "l"(matrix_of(x, step)), "l"(matrix_of(w, step)));
}
__device__ __forceinline__ void products_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void products_wait(float (&sums)[4][4]) {
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  pin(sums);
}
#endif

__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678f)); }

constexpr int INNER = 64, OUTER = 70;
// A block computes ROWS x COLUMNS numbers by DOWN x ACROSS warps, from STEPS pieces of DEPTH columns of both matrices, of
// which STAGES are here or on their way.
constexpr int ROWS = 64, COLUMNS = 32, DOWN = 4, ACROSS = 1, DEPTH = 32, STAGES = 3;
constexpr int THREADS = DOWN * ACROSS * 32, STEPS = INNER / DEPTH, CHUNKS = DEPTH / 4, APART = THREADS / CHUNKS;
// A warp's part: HIGH x WIDE products of the tensor cores, each of 16 x 8 numbers.
constexpr int HIGH = ROWS / DOWN / 16, WIDE = COLUMNS / ACROSS / 8;

// Where four floats of a staged row lie. Chunks change places from row to row, so that the same chunk of eight rows, which
// is read at a time, lies in all banks.
__device__ __forceinline__ int place(int row, int chunk) { return row * DEPTH + (chunk ^ row % CHUNKS) * 4; }

}  // namespace

// Tiles of a band of rows follow one another, so that the band is read from memory once.
extern "C" __global__ void __launch_bounds__(128, 2) product_f32_i64_o70_n0_g1_r0_tf32_r64_c32_d4_a1_s3_g1(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias,
    float* output, int count) {
  extern __shared__ __align__(1024) float staged[];
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
    show_to_tensor_cores();
    __syncthreads();  // all have come here, and none is still at the stage that is filled next
    const float* const x_lines = staged + step % STAGES * STAGE;
    const float* const w_lines = x_lines + ROWS * DEPTH;
    products_begin(sums[0]);
#pragma unroll
    for (int k = 0; k < CHUNKS / 2; ++k) multiply_add(sums[0], x_lines + down / 64 * (64 * DEPTH), w_lines, k);
    products_commit();
    if (step + STAGES - 1 < STEPS) fetch(step + STAGES - 1);
    async_commit();
    products_wait(sums[0]);
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
        const long long to = (row + line) * OUTER + at;
        Piece<2> made;
#pragma unroll
        for (int side = 0; side < 2; ++side)
          made.of[side] = gelu(sums[i][j][half * 2 + side] + shift.of[side]);
        store(output + to, made);
      }
  }
}

}  // namespace product_f32_i64_o70_n0_g1_r0_tf32_r64_c32_d4_a1_s3_g1_code
