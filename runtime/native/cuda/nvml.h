// NVML, NVIDIA's library that tells how a GPU fares: its types (those of nvml.h, declared anew so that building needs no
// CUDA), and its functions, found in libnvidia-ml.so.1 at first use.
#pragma once
#include "call.h"
#include "device.h"
#include "library.h"

namespace oriented1d::cuda {

using NvmlHandle = struct nvmlDevice_st*;

enum class NvmlClock : int { SM = 1, MEMORY = 2 };
enum class NvmlSensor : int { GPU = 0 };

class Nvml {
 public:
  // Throws Failure if there is no such library, or if it is older than the driver 410.
  Nvml() = default;

  Failure failure(const char* call, int result) const;
  void* symbol(const char* name) const { return library_.symbol(name); }

 private:
  template <class... Parameters>
  using C = Call<Nvml, Parameters...>;

  // The name that it has had since CUDA 12.2, or the one of before.
  const char* reasons_name() const;

  Library library_{"libnvidia-ml.so.1"};
  const char* (*error_text_)(int) = reinterpret_cast<const char* (*)(int)>(library_.symbol("nvmlErrorString"));

 public:
  C<> init{*this, "nvmlInit_v2"};
  C<const char*, NvmlHandle*> device_by_bus{*this, "nvmlDeviceGetHandleByPciBusId_v2"};
  C<NvmlHandle, NvmlClock, unsigned*> clock{*this, "nvmlDeviceGetClockInfo"};
  C<NvmlHandle, NvmlSensor, unsigned*> temperature{*this, "nvmlDeviceGetTemperature"};
  C<NvmlHandle, unsigned long long*> reasons{*this, reasons_name()};
};

// NVML, opened and initialised at the first call. Throws Failure, and tries again at the next call.
const Nvml& nvml();

struct Clocks {
  unsigned sm_mhz, memory_mhz;
  unsigned celsius;
  // nvmlClocksEventReason*: what keeps clocks down at the moment, a bit each.
  unsigned long long reasons;
};

// A device as NVML knows it: CUDA_VISIBLE_DEVICES numbers devices anew, so that it is found by its place on the bus.
class Sensor {
 public:
  // Throws Failure if NVML is missing, or does not know the device.
  explicit Sensor(const Device& device);

  // Throws Failure if the device does not tell.
  Clocks read() const;

 private:
  NvmlHandle handle_ = nullptr;
};

}  // namespace oriented1d::cuda
