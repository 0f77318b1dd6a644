// A compiled kernel with the shape that it is asked for, and weights packed for it. `Table` is O1dKernel or O1dGradient.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "memory.h"
#include "shape.h"
#include "shared_object.h"

namespace oriented1d {

template <class Table>
class Kernel {
 public:
  // From a shared object; without a path, the shape's general kernel, which is linked in.
  // Throws std::runtime_error if it cannot be loaded or was built for another version of the kernel ABI, and
  // std::invalid_argument if there is no general kernel of the shape's operation.
  Kernel(const std::optional<std::string>& path, const std::string& symbol, Shape shape);

  const Table& functions() const { return *functions_; }
  const Shape& shape() const { return shape_; }

 private:
  std::optional<SharedObject> object_;
  const Table* functions_;
  Shape shape_;
};

template <class Table>
class Weights {
 public:
  // `parameters` as the table's pack() takes them, between the shape and what it writes to.
  template <class... Parameters>
  explicit Weights(std::shared_ptr<const Kernel<Table>> kernel, Parameters... parameters) : kernel_(std::move(kernel)) {
    const Table& functions = kernel_->functions();
    const O1dShape* shape = kernel_->shape().c();
    const int64_t floats = functions.packed_floats(shape);
    if (floats == 0) return;  // wgrad takes no weights
    packed_ = allocate(floats * sizeof(float));
    functions.pack(shape, parameters..., reinterpret_cast<float*>(packed_.get()));
  }

  const Kernel<Table>& kernel() const { return *kernel_; }
  const float* packed() const { return reinterpret_cast<const float*>(packed_.get()); }

 private:
  std::shared_ptr<const Kernel<Table>> kernel_;
  Memory packed_;
};

}  // namespace oriented1d
