// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace stem_f32_12x7_s2_k9_a0_45_p3_c12_tf32_r14x8_h7_w8_f4_code {
namespace {

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

constexpr int PLANES = 3, CHANNELS = 12, KERNEL = 9, HEIGHT = 12, WIDTH = 7, STRIDE = 2;
constexpr int OUT_HEIGHT = 6, OUT_WIDTH = 4;
constexpr int REGION_HEIGHT = 14, REGION_WIDTH = 8, DOWN = 1, ACROSS = 1;
// Pixels that a region reads, from (TOP, LEFT) relative to the input of its first output. Columns that lie STRIDE apart are side by side
// in shared memory, PART places for each remainder, so that eight of them, which are read at a time, lie in all banks.
constexpr int ROWS = 31, COLUMNS = 23, TOP = -2, LEFT = -4, PART = 12, PITCH = STRIDE * PART;
// WARPS multiply, FETCHERS fetch the pixels of the next region.
constexpr int WARPS = 8, FETCHERS = 4 * 32;
// A tile is 8 columns of 2 rows of outputs in 8 channels; a warp has HIGH of them, one below the other, at a time.
constexpr int HIGH = 7;

// Chunk i: the channels [FROM[i], TO[i]) of body BODY[i], 8 at most.
constexpr int CHUNKS = 2;
__device__ constexpr int BODY[] = {0, 1}, FROM[] = {0, 6}, TO[] = {6, 12};
// A body's taps, two a step, of which it has STEPS at most: where their pixels lie from that of the output, and the weights
// [FIRST, FIRST + FOLDED), at most FOLDS, that fold on each; none on what fills up the last step.
constexpr int STEPS = 5, FOLDS = 3;
__device__ constexpr int STEPS_OF[] = {5, 3};
__device__ constexpr int AT[][2 * STEPS] = {
    {48, 60, 49, 61, 50, 62, 51, 63, 52, 48},
    {97, 85, 50, 38, 3, 97, 97, 97, 97, 97},
};
__device__ constexpr short FIRST[][2 * STEPS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 0},
    {0, 2, 3, 6, 7, 0, 0, 0, 0, 0},
};
__device__ constexpr short FOLDED[][2 * STEPS] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0},
    {2, 1, 3, 1, 2, 0, 0, 0, 0, 0},
};

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

__device__ __forceinline__ unsigned rounded(float value) { return tf32(__float_as_uint(value)); }

// The planes of a pixel, zeros, and at last 1 if it is inside of the image, else 0; in TF32.
using Pixel = float4;

// A region of an image.
struct Region {
  long long image;
  int y, x;  // of its first output
};
__device__ __forceinline__ Region region_of(int number) {
  return {number / (DOWN * ACROSS), number / ACROSS % DOWN * REGION_HEIGHT, number % ACROSS * REGION_WIDTH};
}

// Lays the pixels that a region reads in shared memory. Several are on their way at a time.
__device__ __forceinline__ void fetch(const float* __restrict__ input, const Region& region, Pixel* pixels, int thread) {
  constexpr int BATCH = 8, ALL = ROWS * COLUMNS;
  const float* const image = input + region.image * (PLANES * HEIGHT * WIDTH);
  const int top = region.y * STRIDE + TOP, left = region.x * STRIDE + LEFT;
#pragma unroll 1
  for (int first = thread; first < ALL; first += BATCH * FETCHERS) {
    Pixel made[BATCH];
#pragma unroll
    for (int i = 0; i < BATCH; ++i) {
      const int at = first + i * FETCHERS, row = top + at / COLUMNS, column = left + at % COLUMNS;
      const bool is = inside(row, HEIGHT) && inside(column, WIDTH) && at < ALL;
      const float* const from = image + (is ? row * WIDTH + column : 0);
      made[i] = make_float4(0.0f, 0.0f, 0.0f, is ? 1.0f : 0.0f);
      if (is) made[i].x = __ldg(from + 0 * HEIGHT * WIDTH);
      if (is) made[i].y = __ldg(from + 1 * HEIGHT * WIDTH);
      if (is) made[i].z = __ldg(from + 2 * HEIGHT * WIDTH);
    }
#pragma unroll
    for (int i = 0; i < BATCH; ++i) {
      const int at = first + i * FETCHERS, column = at % COLUMNS;
      made[i].x = __uint_as_float(rounded(made[i].x));
      made[i].y = __uint_as_float(rounded(made[i].y));
      made[i].z = __uint_as_float(rounded(made[i].z));
      if (at < ALL) pixels[at / COLUMNS * PITCH + column % STRIDE * PART + column / STRIDE] = made[i];
    }
  }
}

// What a lane holds of a chunk: with g = lane / 4 and t = lane % 4, the weights of channel g and plane t, or of the pointwise bias,
// in both taps of each step; where the pixels lie of which it gives the addresses; the sums' bias.
struct Chunk {
  unsigned weight[STEPS][2];
  int at[STEPS], steps;
  float bias[2];
};
__device__ __forceinline__ Chunk chunk_of(int number, const float* __restrict__ weight, const float* __restrict__ bias) {
  const int lane = threadIdx.x % 32, plane = lane % 4, body = BODY[number], last = TO[number] - 1;
  const int channel = min(FROM[number] + lane / 4, last);
  const float made = plane < PLANES ? weight[(KERNEL + plane) * CHANNELS + channel] : plane == 3 ? bias[CHANNELS + channel] : 0.0f;
  Chunk chunk;
  chunk.steps = STEPS_OF[body];
#pragma unroll
  for (int step = 0; step < STEPS; ++step) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int tap = 2 * step + half;
      float sum = 0.0f;
#pragma unroll
      for (int i = 0; i < FOLDS; ++i) {
        const float one = weight[min(FIRST[body][tap] + i, KERNEL - 1) * CHANNELS + channel];
        if (i < FOLDED[body][tap]) sum += one;
      }
      chunk.weight[step][half] = rounded(sum * made);
    }
    chunk.at[step] = AT[body][2 * step + lane / 16];
  }
#pragma unroll
  for (int i = 0; i < 2; ++i) chunk.bias[i] = bias[min(FROM[number] + plane * 2 + i, last)];
  return chunk;
}

// The outputs of a region in the channels of a chunk.
__device__ __forceinline__ void compute(const Region& region, const Pixel* pixels, const Chunk& chunk, int number, float* __restrict__ output) {
  const int lane = threadIdx.x % 32, channel = FROM[number] + lane % 4 * 2;
  // A lane gives the address of the pixel of one of a tile's 16 outputs.
  const float* const own = reinterpret_cast<const float*>(pixels + lane % 16 / 8 * STRIDE * PITCH + lane % 8);
#pragma unroll 1
  for (int group = 0; group < REGION_HEIGHT / (2 * HIGH) * (REGION_WIDTH / 8); ++group) {
    const int x = group % (REGION_WIDTH / 8) * 8, y = group / (REGION_WIDTH / 8) * (2 * HIGH);
    const float* const from = own + (y * STRIDE * PITCH + x) * 4;
    float sums[HIGH][4];
#pragma unroll
    for (int tile = 0; tile < HIGH; ++tile)
#pragma unroll
      for (int part = 0; part < 4; ++part) sums[tile][part] = chunk.bias[part % 2];
#pragma unroll
    for (int step = 0; step < STEPS; ++step) {
      if (step < 3 || step < chunk.steps) {  // no way out of the loop: unrolled for certain, what is held is in registers
        const float* const tap = from + chunk.at[step] * 4;
        unsigned values[4];
        load_matrices<0 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[0], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<1 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[1], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<2 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[2], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<3 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[3], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<4 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[4], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<5 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[5], values, chunk.weight[step][0], chunk.weight[step][1]);
        load_matrices<6 * 2 * STRIDE * PITCH * 4>(values, tap);
        multiply_add(sums[6], values, chunk.weight[step][0], chunk.weight[step][1]);
      }
    }
    const int column = region.x + x + lane / 4, row = region.y + y;
    float* const to = output + ((region.image * OUT_HEIGHT + row) * OUT_WIDTH + column) * CHANNELS + channel;
    if (OUT_WIDTH % REGION_WIDTH != 0 && column >= OUT_WIDTH) continue;
#pragma unroll
    for (int line = 0; line < 2 * HIGH; ++line) {
      const bool present = channel < TO[number] && (OUT_HEIGHT % REGION_HEIGHT == 0 || row + line < OUT_HEIGHT);
      const float* const sum = sums[line / 2] + line % 2 * 2;
      float* const at = to + line * OUT_WIDTH * CHANNELS;
      if (present) __stwb(reinterpret_cast<float2*>(at), make_float2(sum[0], sum[1]));
    }
  }
}

}  // namespace

// A block goes from region to region, of an image's outputs in all channels. While some warps multiply, each for chunks of its own, the
// others fetch what the next region reads.
extern "C" __global__ void __launch_bounds__(384, 1) stem_f32_12x7_s2_k9_a0_45_p3_c12_tf32_r14x8_h7_w8_f4(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ output, int count) {
  extern __shared__ __align__(128) unsigned char shared[];
  Pixel* const pixels = reinterpret_cast<Pixel*>(shared);
  const int warp = __shfl_sync(~0u, threadIdx.x / 32, 0), regions = count * (DOWN * ACROSS);  // lanes agree on it
  const int fetcher = threadIdx.x - WARPS * 32;
  Chunk own;
  if (warp < WARPS && warp < CHUNKS) own = chunk_of(warp, weight, bias);
  int buffer = 0;
  if (fetcher >= 0) fetch(input, region_of(blockIdx.x), pixels, fetcher);
  __syncthreads();
#pragma unroll 1
  for (int number = blockIdx.x; number < regions; number += gridDim.x) {
    if (fetcher >= 0) {
      const int next = number + gridDim.x;
      if (next < regions) fetch(input, region_of(next), pixels + (buffer ^ 1) * ROWS * PITCH, fetcher);
    } else {
#pragma unroll 1
      for (int chunk = warp; chunk < CHUNKS; chunk += WARPS) {
        if (CHUNKS > WARPS) own = chunk_of(chunk, weight, bias);
        compute(region_of(number), pixels + buffer * ROWS * PITCH, own, chunk, output);
      }
    }
    buffer ^= 1;
    __syncthreads();
  }
}

}  // namespace stem_f32_12x7_s2_k9_a0_45_p3_c12_tf32_r14x8_h7_w8_f4_code
