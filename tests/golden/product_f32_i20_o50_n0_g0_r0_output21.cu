// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i20_o50_n0_g0_r0_output21_code {
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

constexpr int INNER = 20, OUTER = 50;
// A block computes TILE x TILE numbers, DEPTH products of each at a time; a thread EACH x EACH of them.
constexpr int TILE = 64, DEPTH = 16, EACH = 4, THREADS = 256, TEAMS = TILE / EACH;
constexpr int IN = 4, OUT = 2;  // floats that are fetched, and stored, as one

constexpr int PIXELS = 21;  // of a plane

// Where a row's first number lies in planes [N,channels,PIXELS]; the next one lies PIXELS behind it.
__device__ __forceinline__ long long plane_place(int row, int channels) {
  return row + (long long)(row / PIXELS) * (channels - 1) * PIXELS;
}

// Stores numbers [column, column + FLOATS) of a row of the output.
template <int FLOATS>
__device__ __forceinline__ void store_result(float* output, int row, int column, const Piece<FLOATS>& piece) {
  float* const to = output + plane_place(row, OUTER) + column * PIXELS;
#pragma unroll
  for (int i = 0; i < FLOATS; ++i) store(to + i * PIXELS, Piece<1>{piece.of[i]});
}

// A tile of a matrix, with its columns as rows; what is behind each row spreads a column's stores over more banks.
using Tile = float[DEPTH][TILE + 4];

// Rows [from, from + TILE) of `count`, and columns [depth, depth + DEPTH).
__device__ __forceinline__ void fetch(Tile& tile, const float* matrix, long long from, long long count, int depth) {
#pragma unroll
  for (int i = threadIdx.x; i < TILE * DEPTH / IN; i += THREADS) {
    const int row = i / (DEPTH / IN), column = i % (DEPTH / IN) * IN;
    const bool present = from + row < count && depth + column < INNER;
    const auto piece = present ? load<IN>(matrix + (from + row) * INNER + depth + column) : Piece<IN>{};
#pragma unroll
    for (int k = 0; k < IN; ++k) tile[column + k][row] = piece.of[k];
  }
}

}  // namespace

// Tiles of a band of rows follow one another, so that the band is read from memory once.
extern "C" __global__ void __launch_bounds__(256) product_f32_i20_o50_n0_g0_r0_output21(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias,
    float* output, int count) {
  constexpr int COLUMNS = (OUTER + TILE - 1) / TILE;
  __shared__ __align__(16) Tile rows, columns;
  const long long row = (long long)(blockIdx.x / COLUMNS) * TILE;
  const int column = blockIdx.x % COLUMNS * TILE, down = threadIdx.x / TEAMS * EACH, across = threadIdx.x % TEAMS * EACH;
  float sums[EACH][EACH] = {};
  for (int depth = 0; depth < INNER; depth += DEPTH) {
    fetch(rows, input, row, count, depth);
    fetch(columns, weight, column, OUTER, depth);
    __syncthreads();
#pragma unroll
    for (int k = 0; k < DEPTH; ++k) {
      const auto x = load<EACH>(&rows[k][down]), w = load<EACH>(&columns[k][across]);
#pragma unroll
      for (int i = 0; i < EACH; ++i)
#pragma unroll
        for (int j = 0; j < EACH; ++j) sums[i][j] = fmaf(x.of[i], w.of[j], sums[i][j]);
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < EACH; ++i)
#pragma unroll
    for (int j = 0; j < EACH; j += OUT) {
      if (row + down + i >= count || column + across + j >= OUTER) continue;
      const int at = column + across + j;
      auto piece = load<OUT>(bias + at);
#pragma unroll
      for (int k = 0; k < OUT; ++k) piece.of[k] += sums[i][j + k];
      store_result(output, row + down + i, at, piece);
    }
}

}  // namespace product_f32_i20_o50_n0_g0_r0_output21_code
