// One operation on its arrays, ready to run again and again.
#pragma once
#include <optional>

#include "launch.h"
#include "operation.h"
#include "pool.h"

namespace oriented1d {

struct OperationArrays {
  Napi::Float32Array input;
  std::optional<Napi::Float32Array> residual;
  Napi::Float32Array output;
};

class OperationLaunch final : public Launch {
 public:
  // Pins all arrays. Throws Napi::RangeError if one has the wrong length for so many rows or images, and Napi::TypeError
  // unless there is a residual just where the operation adds one.
  OperationLaunch(std::shared_ptr<const OperationParameters> parameters, std::shared_ptr<Pool> pool,
                  OperationArrays arrays, int32_t count);

  void run() const override;

 private:
  std::shared_ptr<const OperationParameters> parameters_;
  std::shared_ptr<Pool> pool_;
  O1dOperationCall call_;
  int64_t units_;
};

}  // namespace oriented1d
