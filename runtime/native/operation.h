// A compiled operation of a network, and its parameters as its kernel reads them.
#pragma once
#include <memory>
#include <string>

#include "memory.h"
#include "oriented1d_kernel.h"
#include "shared_object.h"

namespace oriented1d {

// In floats: what is read and written of one row or image, and the parameters; 0 where there are none.
struct OperationSizes {
  int64_t input, output, weight, bias;
  bool residual;  // whether an array as long as the output is added
};

class Operation {
 public:
  // From a shared object. Throws std::runtime_error if it cannot be loaded or was built for another version of the ABI.
  Operation(const std::string& path, const std::string& symbol, OperationSizes sizes);

  const O1dOperation& functions() const { return *functions_; }
  const OperationSizes& sizes() const { return sizes_; }

 private:
  SharedObject object_;
  const O1dOperation* functions_;
  OperationSizes sizes_;
};

class OperationParameters {
 public:
  // Each null where the operation has none.
  OperationParameters(std::shared_ptr<const Operation> operation, const float* weight, const float* bias);

  const Operation& operation() const { return *operation_; }
  const float* packed() const { return reinterpret_cast<const float*>(packed_.get()); }

 private:
  std::shared_ptr<const Operation> operation_;
  Memory packed_;
};

}  // namespace oriented1d
