#include "operation.h"

#include <utility>

#include "abi.h"

namespace oriented1d {

Operation::Operation(const std::string& path, const std::string& symbol, OperationSizes sizes)
    : object_(path), functions_(static_cast<const O1dOperation*>(object_.symbol(symbol))), sizes_(sizes) {
  require_abi(symbol, functions_->abi);
}

OperationParameters::OperationParameters(std::shared_ptr<const Operation> operation, const float* weight,
                                         const float* bias)
    : operation_(std::move(operation)) {
  const O1dOperation& functions = operation_->functions();
  const int64_t floats = functions.packed_floats();
  if (floats == 0) return;
  packed_ = allocate(floats * sizeof(float));
  functions.pack(weight, bias, reinterpret_cast<float*>(packed_.get()));
}

}  // namespace oriented1d
