// A compiled kernel with the shape that it is asked for, and weights packed for it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "memory.h"
#include "shape.h"
#include "shared_object.h"

namespace oriented1d {

class Kernel {
 public:
  // From a shared object; without a path, the shape's general kernel, which is linked in.
  // Throws std::runtime_error if it cannot be loaded or was built for another version of the kernel ABI.
  Kernel(const std::optional<std::string>& path, const std::string& symbol, Shape shape);

  const O1dKernel& functions() const { return *functions_; }
  const Shape& shape() const { return shape_; }

 private:
  std::optional<SharedObject> object_;
  const O1dKernel* functions_;
  Shape shape_;
};

class Weights {
 public:
  // weight [C,K], bias [C] or null; with resid, 1 is added to the centre tap.
  Weights(std::shared_ptr<const Kernel> kernel, const float* weight, const float* bias, bool resid);

  const Kernel& kernel() const { return *kernel_; }
  const float* packed() const { return reinterpret_cast<const float*>(packed_.get()); }

 private:
  std::shared_ptr<const Kernel> kernel_;
  Memory packed_;
};

}  // namespace oriented1d
