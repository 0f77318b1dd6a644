#include "nvml.h"

namespace oriented1d::cuda {

Failure Nvml::failure(const char* call, int result) const {
  const char* text = error_text_(result);
  return {call, "NVML error " + std::to_string(result), text ? text : "unknown to this driver"};
}

const char* Nvml::reasons_name() const {
  constexpr const char* now = "nvmlDeviceGetCurrentClocksEventReasons";
  try {
    library_.symbol(now);
    return now;
  } catch (const Failure&) {
    return "nvmlDeviceGetCurrentClocksThrottleReasons";
  }
}

const Nvml& nvml() {
  // Never closed, as the driver.
  static const Nvml* const opened = new Nvml();
  static const bool ready = (opened->init(), true);
  (void)ready;
  return *opened;
}

Sensor::Sensor(const Device& device) { nvml().device_by_bus(device.bus_id().c_str(), &handle_); }

Clocks Sensor::read() const {
  Clocks clocks{};
  nvml().clock(handle_, NvmlClock::SM, &clocks.sm_mhz);
  nvml().clock(handle_, NvmlClock::MEMORY, &clocks.memory_mhz);
  nvml().temperature(handle_, NvmlSensor::GPU, &clocks.celsius);
  nvml().reasons(handle_, &clocks.reasons);
  return clocks;
}

}  // namespace oriented1d::cuda
