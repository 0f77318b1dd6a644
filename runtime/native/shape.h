// A problem without its batch: its operation, and its sizes with the tables that an O1dShape points into.
#pragma once
#include <cstdint>
#include <vector>

#include "oriented1d_kernel.h"

namespace oriented1d {

// dgrad is the transpose of fprop with respect to its input: it reads what fprop writes, and writes what that reads. wgrad
// is the transpose with respect to the weights, and backward is both.
enum class Op : int32_t { fprop, dgrad, wgrad, backward };

struct Plane {
  int64_t height, width;
};

class Shape {
 public:
  // `sizes` without its tables; `first` has a row more than there are groups, `dy` and `dx` have [groups][kernel].
  // Throws std::invalid_argument if a size is not positive or a table does not fit.
  Shape(Op op, O1dShape sizes, std::vector<int32_t> first, std::vector<int32_t> dy, std::vector<int32_t> dx);
  Shape(Shape&&) noexcept = default;  // a moved vector keeps its address, and so do the pointers in c_
  Shape& operator=(Shape&&) = delete;

  Op op() const { return op_; }
  const O1dShape* c() const { return &c_; }

  // What is read and what is written of a channel; of a gradient of the weights, what fprop reads and writes.
  Plane input() const;
  Plane output() const;

  // Elements of a batch, and of the weights. Throw std::invalid_argument past 2^63.
  int64_t input_elements(int64_t batch) const;
  int64_t output_elements(int64_t batch) const;
  int64_t weight_elements() const;

 private:
  Op op_;
  O1dShape c_;
  std::vector<int32_t> first_, dy_, dx_;
};

}  // namespace oriented1d
