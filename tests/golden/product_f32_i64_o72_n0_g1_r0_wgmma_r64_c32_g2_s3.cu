// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i64_o72_n0_g1_r0_wgmma_r64_c32_g2_s3_code {
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

// Barriers of shared memory, 8 bytes each, and boxes of a tensor [image][y][x][channel] that the copy engine fetches; what of
// them lies outside of the tensor arrives as zeros. A phase of a barrier ends when `count` threads have arrived and all bytes
// have come that they announced. Waiting for parity 0, 1, 0, .. in turn waits for one phase after the other. From sm_90 on.
#ifndef O1D_EMULATED  // tests/emulated has its own
struct alignas(64) TensorMap {  // cuda.h's CUtensorMap
  unsigned char opaque[128];
};

// By one thread; others see the barrier behind the block's next barrier.
__device__ __forceinline__ void phase_init(unsigned long long* barrier, int count) {
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at), "r"(count) : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void phase_arrive(unsigned long long* barrier) {
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(at) : "memory");
}

__device__ __forceinline__ void phase_wait(unsigned long long* barrier, int parity) {
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile(
      "{\n"
      "  .reg .pred done;\n"
      "again:\n"
      "  mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "  @!done bra again;\n"
      "}\n" ::"r"(at),
      "r"(parity)
      : "memory");
}

// Arrives at the barrier, and lets a box of so many bytes arrive there. It goes to a multiple of 128 bytes.
__device__ __forceinline__ void phase_fetch(unsigned long long* barrier, void* shared, int bytes, const TensorMap* map,
                                            int channel, int x, int y, int image) {
  const unsigned at = __cvta_generic_to_shared(barrier), to = __cvta_generic_to_shared(shared);
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes) : "memory");
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes\n"
      "  [%0], [%1, {%2, %3, %4, %5}], [%6];" ::"r"(to),
      "l"(map), "r"(channel), "r"(x), "r"(y), "r"(image), "r"(at)
      : "memory");
}

// Lets a box come as near as the second-level cache.
__device__ __forceinline__ void box_prefetch(const TensorMap* map, int channel, int x, int y, int image) {
  asm volatile("cp.async.bulk.prefetch.tensor.4d.L2.global.tile [%0, {%1, %2, %3, %4}];" ::"l"(map), "r"(channel), "r"(x),
               "r"(y), "r"(image)
               : "memory");
}
#endif

// Products of larger matrices by the tensor cores, in TF32, of which they ignore what it has no bits for. All 128 lanes of four
// warps call each of these. Both matrices lie in shared memory, 8 columns of rows of 32 floats, whose chunks of four change
// places: chunk c of row r is where c ^ r % 8 would be. Sums are as a warp's, those of 16 of 64 rows.
#ifndef O1D_EMULATED  // tests/emulated has its own
#if __CUDA_ARCH__ != 900
#error "these instructions are sm_90a's alone"
#endif
// Registers that each thread of a warpgroup has from here on, which together are no more than the block began with.
template <int REGISTERS>
__device__ __forceinline__ void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}
template <int REGISTERS>
__device__ __forceinline__ void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

// Columns [8 step, 8 step + 8) of rows that begin at a multiple of 1024 bytes: where they begin, and how far groups of eight
// rows are apart, in units of 16 bytes, and that chunks change places within 128.
__device__ __forceinline__ unsigned long long matrix_of(const float* rows, int step) {
  const unsigned at = (unsigned)__cvta_generic_to_shared(rows);
  return ((unsigned long long)(at >> 4 & 0x3fff) | 1ull << 16 | 64ull << 32 | 1ull << 62) + 2 * step;
}

// Behind it, the compiler does what reads these sums, and before it, what makes them: from products_begin() to products_end()
// they are the tensor cores', which it does not know.
template <int HIGH>
__device__ __forceinline__ void pin(float (&sums)[HIGH][4][4]) {
#pragma unroll
  for (int h = 0; h < HIGH; ++h)
#pragma unroll
    for (int i = 0; i < 4; ++i)
      asm volatile("" : "+f"(sums[h][i][0]), "+f"(sums[h][i][1]), "+f"(sums[h][i][2]), "+f"(sums[h][i][3])::"memory");
}

template <int HIGH>
__device__ __forceinline__ void products_begin(float (&sums)[HIGH][4][4]) {
  pin(sums);
}
__device__ __forceinline__ void products_open() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

// sums += x * transposed w, some time between products_commit() of its group, which products_open() began, and a wait for it.
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

// Waits for all groups but the latest ones.
template <int LATEST>
__device__ __forceinline__ void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(LATEST) : "memory");
}
template <int HIGH>
__device__ __forceinline__ void products_end(float (&sums)[HIGH][4][4]) {
  products_wait<0>();
  pin(sums);
}
#endif

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

constexpr int INNER = 64, OUTER = 72;
// A warpgroup computes a tile of ROWS x COLUMNS numbers at a time, from STEPS pieces of DEPTH columns of both matrices. GROUPS of
// a block multiply, and one more fetches pieces, of which STAGES are here or on their way.
constexpr int ROWS = 64, COLUMNS = 32, GROUPS = 2, DEPTH = 32, STAGES = 3;
constexpr int STEPS = INNER / DEPTH, ACROSS = (OUTER + COLUMNS - 1) / COLUMNS, STAGE = (ROWS + COLUMNS) * DEPTH;
// A tile in products of the tensor cores, each of 64 x COLUMNS numbers, of which a warp has 16 x 8 WIDE times.
constexpr int HIGH = ROWS / 64, WIDE = COLUMNS / 8;

// Parts of a tile's rows that a lane has, two of each product, from the lane's first row on.
__device__ __forceinline__ int row_of(int part) { return part / 2 * 64 + part % 2 * 8; }

// Stores numbers [column, column + FLOATS) of a row of the output.
template <int FLOATS>
__device__ __forceinline__ void store_result(float* output, int row, int column, const Piece<FLOATS>& piece) {
  store(output + (long long)row * OUTER + column, piece);
}

// What the block's threads meet at: pieces that have come, pieces that are used up, and whose turn it is to multiply.
struct Meeting {
  unsigned long long full[STAGES], empty[STAGES], turn[GROUPS];
};

// Where a tile begins.
struct Corner {
  int row, column;
};
__device__ __forceinline__ Corner corner_of(int tile) { return {tile / ACROSS * ROWS, tile % ACROSS * COLUMNS}; }

// Fetches the pieces of all of the block's tiles, one after the other, to multiples of 1024 bytes, since their chunks change places. Of a row of weights the copy engine makes a place among
// the first or the second half of a tile's columns: numbers 4 i and 4 i + 1 are side by side in the first, 4 i + 2 and 4 i + 3 in the
// second, so that a lane, which has two neighbours of each half, has four neighbours in all.
__device__ __forceinline__ void fetch_all(Meeting& meeting, float* staged, const TensorMap* input, const TensorMap* weight, int tiles) {
  constexpr int HALF = COLUMNS / 2 * DEPTH;
  int piece = 0;
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const Corner corner = corner_of(tile);
#pragma unroll 1
    for (int step = 0; step < STEPS; ++step, ++piece) {
      const int stage = piece % STAGES, at = step * DEPTH;
      unsigned long long* const full = meeting.full + stage;
      float* const x = staged + stage * STAGE;
      float* const w = x + ROWS * DEPTH;
      phase_wait(meeting.empty + stage, piece / STAGES % 2 ^ 1);
      phase_fetch(full, x, ROWS * DEPTH * 4, input, at, 0, 0, corner.row);
      phase_fetch(full, w, HALF * 4, weight, at, 0, corner.column / 4, 0);
      phase_fetch(full, w + HALF, HALF * 4, weight, at, 2, corner.column / 4, 0);
    }
  }
}

using Sums = float[HIGH][WIDE][4];

// Multiplies the pieces of the block's tile number `own`, whose sums come after those of the number before.
__device__ __forceinline__ void multiply(Sums& sums, Meeting& meeting, const float* staged, int own) {
  const bool speaks = threadIdx.x % 32 == 0;
  const int group = own % GROUPS;
  int piece = own * STEPS;
  if (own > 0) phase_wait(meeting.turn + group, (own - 1) / GROUPS % 2);
  products_begin(sums);
#pragma unroll 1
  for (int step = 0; step < STEPS; ++step, ++piece) {
    const float* const x = staged + piece % STAGES * STAGE;
    phase_wait(meeting.full + piece % STAGES, piece / STAGES % 2);
    products_open();
#pragma unroll
    for (int k = 0; k < DEPTH / 8; ++k)
#pragma unroll
      for (int h = 0; h < HIGH; ++h) multiply_add(sums[h], x + h * 64 * DEPTH, x + ROWS * DEPTH, k);
    products_commit();
    if (step == 0) continue;
    products_wait<1>();
    if (speaks) phase_arrive(meeting.empty + (piece - 1) % STAGES);
  }
  if (speaks) phase_arrive(meeting.turn + (group + 1) % GROUPS);
  products_end(sums);
  if (speaks) phase_arrive(meeting.empty + (piece - 1) % STAGES);
}

}  // namespace

// A block to a multiprocessor, that goes from tile to tile; neighbours have the same rows at about the same time. Its warpgroups take
// turns: while one multiplies, the others do what comes behind.
extern "C" __global__ void __launch_bounds__(384, 1) product_f32_i64_o72_n0_g1_r0_wgmma_r64_c32_g2_s3(
    const float*, const float*, const float* __restrict__ bias,
    float* output, int count, const __grid_constant__ TensorMap input, const __grid_constant__ TensorMap weight) {
  extern __shared__ __align__(1024) float staged[];
  Meeting& meeting = *reinterpret_cast<Meeting*>(staged + STAGES * STAGE);
  // From lane 0, so that the compiler sees that it is the same for all lanes.
  const int group = __shfl_sync(~0u, threadIdx.x / 128, 0), warp = __shfl_sync(~0u, threadIdx.x / 32 % 4, 0);
  const int tiles = (count + ROWS - 1) / ROWS * ACROSS;
  if (threadIdx.x == 0) {
    for (int i = 0; i < STAGES; ++i) {
      phase_init(meeting.full + i, 3);
      phase_init(meeting.empty + i, 4);
    }
    for (int i = 0; i < GROUPS; ++i) phase_init(meeting.turn + i, 4);
  }
  __syncthreads();
  if (group == GROUPS) {
    give_registers<40>();
    if (threadIdx.x % 128 == 0) fetch_all(meeting, staged, &input, &weight, tiles);
    return;
  }
  take_registers<232>();
  const int lane = threadIdx.x % 32;
  int own = group;
  for (int tile = blockIdx.x + group * gridDim.x; tile < tiles; tile += GROUPS * gridDim.x, own += GROUPS) {
    Sums sums = {};
    multiply(sums, meeting, staged, own);
    const Corner corner = corner_of(tile);
    const int line = corner.row + warp * 16 + lane / 4, column = corner.column + lane % 4 * 4;
#pragma unroll
    for (int j = 0; j < WIDE / 2; ++j) {
      const int at = column + j * 16;
      if (OUTER % COLUMNS != 0 && at >= OUTER) continue;
      const auto shift = load<4>(bias + at);
#pragma unroll
      for (int part = 0; part < 2 * HIGH; ++part) {
        const int row = line + row_of(part);
        if (row >= count) continue;
        Piece<4> made;
#pragma unroll
        for (int i = 0; i < 4; ++i)
          made.of[i] = gelu(sums[part / 2][j + i / 2 * (WIDE / 2)][part % 2 * 2 + i % 2] + shift.of[i]);
        store_result(output, row, at, made);
      }
    }
  }
}

}  // namespace product_f32_i64_o72_n0_g1_r0_wgmma_r64_c32_g2_s3_code
