// cuBLASLt, NVIDIA's library of matrix products, as far as it is used here: its types (those of cublasLt.h, declared anew so
// that building needs no CUDA), and its functions, found at run time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "device.h"
#include "library.h"

namespace oriented1d::cuda {

using BlasHandle = struct cublasLtContext*;
using MatmulDescHandle = struct cublasLtMatmulDescOpaque*;
using MatrixLayoutHandle = struct cublasLtMatrixLayoutOpaque*;
using PreferenceHandle = struct cublasLtMatmulPreferenceOpaque*;

enum class BlasType : int { FLOAT32 = 0 };  // cudaDataType_t

// What products of float32 numbers are computed in: float32, or TF32, which keeps 10 bits of a factor's fraction.
enum class ComputeType : int { FLOAT32 = 68, FLOAT32_FAST_TF32 = 77 };

enum class Transpose : int32_t { NO = 0, YES = 1 };  // cublasOperation_t

enum class MatmulAttribute : int { TRANSPOSE_A = 3, TRANSPOSE_B = 4, EPILOGUE = 7, BIAS_POINTER = 8 };

enum class Epilogue : uint32_t { BIAS = 4, GELU_BIAS = 36 };  // its GELU is the form by tanh

enum class PreferenceAttribute : int { MAX_WORKSPACE_BYTES = 1 };

// One of the library's ways to compute a product.
struct Algorithm {
  uint64_t opaque[8];
};

// cublasLtMatmulHeuristicResult_t.
struct HeuristicResult {
  Algorithm algorithm;
  size_t workspace_bytes;
  int state;  // 0 if it can do the product
  float waves;
  int reserved[4];
};
static_assert(sizeof(HeuristicResult) == 96);

// The library, opened for a device.
class Blas {
 public:
  // `path`: a file, or a name that the loader looks for. Throws Failure if it cannot be opened, or refuses the device.
  Blas(const std::string& path, std::shared_ptr<const Device> device);
  ~Blas();
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  Failure failure(const char* call, int result) const;
  void* symbol(const char* name) const { return library_.symbol(name); }

  const std::shared_ptr<const Device>& device() const { return device_; }
  BlasHandle handle() const { return handle_; }
  // "13.0.2"
  std::string version() const;
  // The file that was opened.
  std::string path() const { return library_.path_of(symbol("cublasLtGetVersion")); }

 private:
  template <class... Parameters>
  using C = Call<Blas, Parameters...>;

  // Never closed: it has handlers of its own for the end of the process.
  const Library& library_;
  C<BlasHandle*> create_{*this, "cublasLtCreate"};
  C<BlasHandle> destroy_{*this, "cublasLtDestroy"};
  std::shared_ptr<const Device> device_;
  BlasHandle handle_ = nullptr;

 public:
  C<MatmulDescHandle*, ComputeType, BlasType> desc_create{*this, "cublasLtMatmulDescCreate"};
  C<MatmulDescHandle> desc_destroy{*this, "cublasLtMatmulDescDestroy"};
  C<MatmulDescHandle, MatmulAttribute, const void*, size_t> desc_set{*this, "cublasLtMatmulDescSetAttribute"};
  C<MatrixLayoutHandle*, BlasType, uint64_t, uint64_t, int64_t> layout_create{*this, "cublasLtMatrixLayoutCreate"};
  C<MatrixLayoutHandle> layout_destroy{*this, "cublasLtMatrixLayoutDestroy"};
  C<PreferenceHandle*> preference_create{*this, "cublasLtMatmulPreferenceCreate"};
  C<PreferenceHandle> preference_destroy{*this, "cublasLtMatmulPreferenceDestroy"};
  C<PreferenceHandle, PreferenceAttribute, const void*, size_t> preference_set{*this,
                                                                               "cublasLtMatmulPreferenceSetAttribute"};
  // Handle, product, layouts of A, B, C and D, preference; how many ways are asked for, and are there.
  C<BlasHandle, MatmulDescHandle, MatrixLayoutHandle, MatrixLayoutHandle, MatrixLayoutHandle, MatrixLayoutHandle,
    PreferenceHandle, int, HeuristicResult*, int*>
      heuristic{*this, "cublasLtMatmulAlgoGetHeuristic"};
  // Handle, product; alpha, A, B; beta, C, D, each matrix with its layout; algorithm, workspace, stream.
  C<BlasHandle, MatmulDescHandle, const void*, const void*, MatrixLayoutHandle, const void*, MatrixLayoutHandle,
    const void*, const void*, MatrixLayoutHandle, void*, MatrixLayoutHandle, const Algorithm*, void*, size_t,
    StreamHandle>
      matmul{*this, "cublasLtMatmul"};
};

}  // namespace oriented1d::cuda
