// What a compiled CPU kernel looks like from outside: one constant table of functions, exported under the
// kernel's name. Kernels know no threads and own no memory; the caller splits `units` over threads and lends
// each thread its scratch.
#pragma once
#include <cstdint>

extern "C" {

// A problem without its batch. A specialised kernel has all of it compiled in and ignores it; the general kernel
// reads it. Layout: 0 NCHW, 1 NHWC. Group g owns the channels [first[g], first[g + 1]) and its tap k reads at
// (dy[g * kernel + k], dx[g * kernel + k]).
struct O1dShape {
  int32_t layout, channels, height, width, stride, kernel, groups;
  const int32_t* first;
  const int32_t* dy;
  const int32_t* dx;
};

// One piece of work: units [begin, end) of a batch. `packed` was written by pack(); `scratch` is this thread's own,
// 64-byte aligned, and holds scratch_bytes(). fprop: input x, output y; dgrad: input dy, output dx.
struct O1dCall {
  const O1dShape* shape;
  const float* input;
  const float* packed;
  float* output;
  int64_t batch, begin, end;
  void* scratch;
};

struct O1dKernel {
  int32_t abi;  // O1D_ABI
  int64_t (*units)(const O1dShape*, int64_t batch);
  int64_t (*packed_floats)(const O1dShape*);
  int64_t (*scratch_bytes)(const O1dShape*);
  // Folds, adds `centre` (1 with resid, else 0) to the centre tap, and reorders weights [C,K] and bias [C] (or null).
  void (*pack)(const O1dShape*, const float* weight, const float* bias, float centre, float* packed);
  void (*run)(const O1dCall*);
};

// The same for gradients of the weights: wgrad, and backward, which writes dx as well. Units [begin, end) of a batch read
// x and dy (sizes of fprop's input and output); every unit writes all of its own share of `partial`, so that the split
// over threads changes nothing. `packed` was written by pack(); wgrad has neither that nor dx.
struct O1dGradientCall {
  const O1dShape* shape;
  const float* input;
  const float* grad;
  const float* packed;
  float* input_grad;
  float* partial;
  int64_t batch, begin, end;
  void* scratch;
};

struct O1dGradient {
  int32_t abi;  // O1D_ABI
  int64_t (*units)(const O1dShape*, int64_t batch);
  int64_t (*packed_floats)(const O1dShape*);  // 0 for wgrad
  int64_t (*scratch_bytes)(const O1dShape*);
  int64_t (*partial_floats)(const O1dShape*, int64_t batch);
  // Folds, adds `centre` (1 with resid, else 0) to the centre tap, and reorders weights [C,K]. wgrad's does nothing.
  void (*pack)(const O1dShape*, const float* weight, float centre, float* packed);
  void (*run)(const O1dGradientCall*);
  // Called once after all units: adds their sums in a fixed order, in double, and writes dw [C,K] and db [C].
  void (*reduce)(const O1dShape*, int64_t batch, const float* partial, float* weight_grad, float* bias_grad);
};

// What a network does between its convolutions: rows of channels, products, patches. Specialised for everything but
// `count`, the rows of a row operation and the images of any other. Every unit writes a part of the output of its own.
struct O1dOperationCall {
  const float* input;
  const float* packed;
  const float* residual;  // null unless the operation adds one; may be the output
  float* output;
  int64_t count, begin, end;
  void* scratch;
};

struct O1dOperation {
  int32_t abi;  // O1D_ABI
  int64_t (*units)(int64_t count);
  int64_t (*packed_floats)();  // 0 where there are no parameters
  int64_t (*scratch_bytes)();
  // Reorders weight and bias (of norm: scale and shift), each null where the operation has none.
  void (*pack)(const float* weight, const float* bias, float* packed);
  void (*run)(const O1dOperationCall*);
};

}  // extern "C"

constexpr int32_t O1D_ABI = 1;
