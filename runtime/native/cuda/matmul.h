// A matrix product of cuBLASLt's without its matrices: Y = X W^T + bias, or that plus a residual, or GELU by tanh of it, of
// row-major float32 matrices X [rows, inner], W [outer, inner], Y [rows, outer] and a bias [outer]; and the library's ways to
// compute it.
#pragma once
#include <memory>
#include <vector>

#include "blas.h"
#include "buffer.h"

namespace oriented1d::cuda {

struct MatmulShape {
  uint64_t rows, inner, outer;
  bool residual, gelu;  // never both
  ComputeType compute;
};

// Something that the library made, and how it is given back.
template <class Handle, auto Destroy>
class BlasOwned {
 public:
  template <class Make>
  BlasOwned(std::shared_ptr<const Blas> blas, Make make) : blas_(std::move(blas)) {
    make(&handle_);
  }
  ~BlasOwned() {
    if (handle_) ((*blas_).*Destroy).quietly(handle_);
  }
  BlasOwned(BlasOwned&& other) noexcept : blas_(other.blas_), handle_(std::exchange(other.handle_, nullptr)) {}
  BlasOwned& operator=(BlasOwned&&) = delete;

  Handle get() const { return handle_; }

 private:
  std::shared_ptr<const Blas> blas_;
  Handle handle_ = nullptr;
};

using MatmulDesc = BlasOwned<MatmulDescHandle, &Blas::desc_destroy>;
using MatrixLayout = BlasOwned<MatrixLayoutHandle, &Blas::layout_destroy>;
using Preference = BlasOwned<PreferenceHandle, &Blas::preference_destroy>;

class Matmul {
 public:
  // `workspace`: what its algorithms may use; all products of a stream may share it. At most `most` algorithms, best first.
  // Throws Failure if the library has none, and std::invalid_argument for GELU and a residual.
  Matmul(std::shared_ptr<const Blas> blas, const MatmulShape& shape, std::shared_ptr<const Buffer> workspace, int most);

  const std::shared_ptr<const Blas>& blas() const { return blas_; }
  const MatmulShape& shape() const { return shape_; }
  const std::shared_ptr<const Buffer>& workspace() const { return workspace_; }
  const std::vector<Algorithm>& algorithms() const { return algorithms_; }

  // How it is computed with this bias.
  MatmulDesc description(DevicePointer bias) const;
  // As the library sees them, column by column: W^T, X^T, Y^T.
  MatrixLayoutHandle weight() const { return weight_.get(); }
  MatrixLayoutHandle input() const { return input_.get(); }
  MatrixLayoutHandle output() const { return output_.get(); }

 private:
  std::vector<Algorithm> find_algorithms(int most) const;

  std::shared_ptr<const Blas> blas_;
  MatmulShape shape_;
  std::shared_ptr<const Buffer> workspace_;
  MatrixLayout weight_, input_, output_;
  std::vector<Algorithm> algorithms_;
};

}  // namespace oriented1d::cuda
