#include "operation_launch.h"

#include <utility>

#include "arguments.h"

namespace oriented1d {

namespace {

std::vector<Napi::Float32Array> all(const OperationArrays& arrays) {
  std::vector<Napi::Float32Array> result{arrays.input, arrays.output};
  if (arrays.residual) result.push_back(*arrays.residual);
  return result;
}

void require_lengths(const OperationArrays& arrays, const OperationSizes& sizes, int64_t count) {
  if (arrays.residual.has_value() != sizes.residual)
    throw Napi::TypeError::New(arrays.input.Env(), "residual must be there where the operation adds one, and else null");
  require_length(arrays.input, sizes.input * count, "input");
  if (arrays.residual) require_length(*arrays.residual, sizes.output * count, "residual");
  require_length(arrays.output, sizes.output * count, "output");
}

}  // namespace

OperationLaunch::OperationLaunch(std::shared_ptr<const OperationParameters> parameters, std::shared_ptr<Pool> pool,
                                 OperationArrays arrays, int32_t count)
    : Launch(all(arrays)), parameters_(std::move(parameters)), pool_(std::move(pool)) {
  const Operation& operation = parameters_->operation();
  require_lengths(arrays, operation.sizes(), count);
  units_ = operation.functions().units(count);
  pool_->reserve_scratch(operation.functions().scratch_bytes());
  call_ = {arrays.input.Data(),
           parameters_->packed(),
           arrays.residual ? arrays.residual->Data() : nullptr,
           arrays.output.Data(),
           count,
           0,
           units_,
           nullptr};
}

void OperationLaunch::run() const {
  const auto kernel = parameters_->operation().functions().run;
  pool_->run(units_, [this, kernel](int64_t begin, int64_t end, void* scratch) {
    O1dOperationCall call = call_;
    call.begin = begin;
    call.end = end;
    call.scratch = scratch;
    kernel(&call);
  });
}

}  // namespace oriented1d
