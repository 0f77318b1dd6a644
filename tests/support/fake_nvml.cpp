// A libnvidia-ml.so.1 of one GPU, at 0000:3b:00.0.
//   FAKE_NVML       `1980 3201 41 4`: MHz of the multiprocessors and of the memory, degrees, reasons; if unset 1980 3201 40 0
//   FAKE_NVML_FAIL  the name of a function that fails from now on
// Compiled with -DOLD, it is of before CUDA 12.2.
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct State {
  unsigned sm = 1980, memory = 3201, celsius = 40;
  unsigned long long reasons = 0;
};

State state() {
  State now;
  if (const char* told = std::getenv("FAKE_NVML"))
    std::sscanf(told, "%u %u %u %llu", &now.sm, &now.memory, &now.celsius, &now.reasons);
  return now;
}

int failure(const char* call) {
  const char* wanted = std::getenv("FAKE_NVML_FAIL");
  return wanted && !std::strcmp(wanted, call) ? 3 : 0;
}

int device;

}  // namespace

#ifdef OLD
#define REASONS nvmlDeviceGetCurrentClocksThrottleReasons
#else
#define REASONS nvmlDeviceGetCurrentClocksEventReasons
#endif

extern "C" {

const char* nvmlErrorString(int) { return "Not Supported"; }
int nvmlInit_v2() { return failure("nvmlInit_v2"); }
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, int** handle) {
  return *handle = &device, std::strcmp(id, "0000:3b:00.0") ? 6 : 0;
}
int nvmlDeviceGetClockInfo(int* handle, int type, unsigned* mhz) {
  if (handle != &device || (type != 1 && type != 2)) return 2;
  return *mhz = type == 1 ? state().sm : state().memory, failure("nvmlDeviceGetClockInfo");
}
int nvmlDeviceGetTemperature(int* handle, int sensor, unsigned* celsius) {
  return *celsius = state().celsius, handle == &device && sensor == 0 ? 0 : 2;
}
int REASONS(int* handle, unsigned long long* reasons) { return *reasons = state().reasons, handle == &device ? 0 : 2; }

}  // extern "C"
