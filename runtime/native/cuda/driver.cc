#include "driver.h"

namespace oriented1d::cuda {

Failure Driver::failure(const char* call, int result) const {
  const char *name = nullptr, *text = nullptr;
  error_name_.quietly(result, &name);
  error_text_.quietly(result, &text);
  return {call, name ? name : "CUDA error " + std::to_string(result), text ? text : "unknown to this driver"};
}

const Driver& driver() {
  // Never closed: the driver has threads and exit handlers of its own.
  static const Driver* const opened = new Driver();
  static const bool ready = (opened->init(0), true);
  (void)ready;
  return *opened;
}

}  // namespace oriented1d::cuda
