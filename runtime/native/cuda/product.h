// A matrix product with its matrices.
#pragma once
#include "matmul.h"
#include "work.h"

namespace oriented1d::cuda {

// What a product reads and writes. The output may be the residual.
struct ProductBuffers {
  std::shared_ptr<const Buffer> input, weight, bias;
  std::shared_ptr<const Buffer> residual;  // null where there is none
  std::shared_ptr<const Buffer> output;
};

class Product final : public Work {
 public:
  // `algorithm`: which of the product's. Throws std::out_of_range if a buffer is too small, or there is no such algorithm, and
  // std::invalid_argument unless each begins at a multiple of 256 bytes, as memory that was allocated does.
  Product(std::shared_ptr<const Matmul> matmul, size_t algorithm, ProductBuffers buffers);

  const std::shared_ptr<const Device>& device() const override { return matmul_->blas()->device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override;

 private:
  std::shared_ptr<const Matmul> matmul_;
  Algorithm algorithm_;
  ProductBuffers buffers_;
  MatmulDesc desc_;
};

}  // namespace oriented1d::cuda
