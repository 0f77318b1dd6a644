#include "matmul.h"

#include <stdexcept>

namespace oriented1d::cuda {

namespace {

// A dense matrix whose columns of `rows` numbers follow one another.
MatrixLayout layout(const std::shared_ptr<const Blas>& blas, uint64_t rows, uint64_t columns) {
  return {blas, [&](MatrixLayoutHandle* handle) {
            blas->layout_create(handle, BlasType::FLOAT32, rows, columns, static_cast<int64_t>(rows));
          }};
}

Preference preference(const std::shared_ptr<const Blas>& blas, uint64_t workspace_bytes) {
  Preference made(blas, [&](PreferenceHandle* handle) { blas->preference_create(handle); });
  blas->preference_set(made.get(), PreferenceAttribute::MAX_WORKSPACE_BYTES, &workspace_bytes, sizeof workspace_bytes);
  return made;
}

// The library would take GELU of the sum with the residual.
const MatmulShape& sound(const MatmulShape& shape) {
  if (shape.gelu && shape.residual) throw std::invalid_argument("a product with GELU and a residual");
  return shape;
}

}  // namespace

Matmul::Matmul(std::shared_ptr<const Blas> blas, const MatmulShape& shape, std::shared_ptr<const Buffer> workspace,
               int most)
    : blas_(std::move(blas)),
      shape_(sound(shape)),
      workspace_(std::move(workspace)),
      weight_(layout(blas_, shape.inner, shape.outer)),
      input_(layout(blas_, shape.inner, shape.rows)),
      output_(layout(blas_, shape.outer, shape.rows)),
      algorithms_(find_algorithms(most)) {}

MatmulDesc Matmul::description(DevicePointer bias) const {
  MatmulDesc made(blas_, [&](MatmulDescHandle* handle) {
    blas_->desc_create(handle, shape_.compute, BlasType::FLOAT32);
  });
  const auto set = [&](MatmulAttribute attribute, auto value) {
    blas_->desc_set(made.get(), attribute, &value, sizeof value);
  };
  set(MatmulAttribute::TRANSPOSE_A, Transpose::YES);
  set(MatmulAttribute::TRANSPOSE_B, Transpose::NO);
  set(MatmulAttribute::EPILOGUE, shape_.gelu ? Epilogue::GELU_BIAS : Epilogue::BIAS);
  set(MatmulAttribute::BIAS_POINTER, bias);
  return made;
}

std::vector<Algorithm> Matmul::find_algorithms(int most) const {
  const Current current(*blas_->device());
  // The library looks at how a bias is aligned, and does not read it: the workspace is aligned as every bias is.
  const MatmulDesc desc = description(workspace_->address());
  const Preference wanted = preference(blas_, workspace_->bytes());
  std::vector<HeuristicResult> results(most);
  int count = 0;
  blas_->heuristic(blas_->handle(), desc.get(), weight(), input(), output(), output(), wanted.get(), most,
                   results.data(), &count);
  std::vector<Algorithm> found;
  for (int i = 0; i < count; ++i)
    if (results[i].state == 0) found.push_back(results[i].algorithm);
  if (found.empty())
    throw Failure("cublasLtMatmulAlgoGetHeuristic", "CUBLAS_STATUS_NOT_SUPPORTED", "it has no way to compute this product");
  return found;
}

}  // namespace oriented1d::cuda
