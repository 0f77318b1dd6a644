#include "product.h"

#include <stdexcept>

namespace oriented1d::cuda {

namespace {

// What algorithms may take for granted, unless they are asked for with less.
constexpr DevicePointer ALIGNMENT = 256;

void* pointer(const Buffer& buffer) { return reinterpret_cast<void*>(buffer.address()); }

void require(const Device& device, const std::shared_ptr<const Buffer>& buffer, uint64_t rows, uint64_t columns) {
  if (buffer->device().get() != &device) throw std::invalid_argument("a tensor of another device");
  if (buffer->address() % ALIGNMENT != 0)
    throw std::invalid_argument("a product's tensor that does not begin at a multiple of 64 elements");
  if (buffer->bytes() / sizeof(float) / columns < rows) throw std::out_of_range("beyond the end of the tensor");
}

void require(const Matmul& matmul, const ProductBuffers& buffers) {
  const Device& device = *matmul.blas()->device();
  const auto& [rows, inner, outer, residual, gelu, compute] = matmul.shape();
  require(device, buffers.input, rows, inner);
  require(device, buffers.weight, outer, inner);
  require(device, buffers.bias, 1, outer);
  require(device, buffers.output, rows, outer);
  if ((buffers.residual != nullptr) != residual) throw std::invalid_argument("a residual where none is due, or none");
  if (residual) require(device, buffers.residual, rows, outer);
}

}  // namespace

Product::Product(std::shared_ptr<const Matmul> matmul, size_t algorithm, ProductBuffers buffers)
    : matmul_(std::move(matmul)),
      algorithm_(matmul_->algorithms().at(algorithm)),
      buffers_(std::move(buffers)),
      desc_(matmul_->description(buffers_.bias->address())) {
  require(*matmul_, buffers_);
}

void Product::enqueue(StreamHandle stream) const {
  const auto& [input, weight, bias, residual, output] = buffers_;
  const Matmul& matmul = *matmul_;
  const Buffer& workspace = *matmul.workspace();
  const float one = 1, beta = residual ? 1 : 0;
  // Without a residual, beta is zero and C is not read.
  const Buffer& added = residual ? *residual : *output;
  matmul.blas()->matmul(matmul.blas()->handle(), desc_.get(), &one, pointer(*weight), matmul.weight(), pointer(*input),
                        matmul.input(), &beta, pointer(added), matmul.output(), pointer(*output), matmul.output(),
                        &algorithm_, pointer(workspace), workspace.bytes(), stream);
}

void Product::require_alive() const {
  for (const auto& buffer : {buffers_.input, buffers_.weight, buffers_.bias, buffers_.residual, buffers_.output,
                             matmul_->workspace()})
    if (buffer) buffer->address();
}

}  // namespace oriented1d::cuda
