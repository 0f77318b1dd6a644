// CUDA's driver API, as far as it is used here: its types (those of cuda.h, declared anew so that building needs no
// CUDA), and its functions, found in libcuda.so.1 at first use.
#pragma once
#include <cstddef>

#include "call.h"
#include "library.h"

namespace oriented1d::cuda {

using DeviceNumber = int;
using DevicePointer = unsigned long long;
using ContextHandle = struct CUctx_st*;
using StreamHandle = struct CUstream_st*;
using EventHandle = struct CUevent_st*;
using ModuleHandle = struct CUmod_st*;
using FunctionHandle = struct CUfunc_st*;
using GraphHandle = struct CUgraph_st*;
using GraphExecHandle = struct CUgraphExec_st*;

enum class DeviceAttribute : int {
  MULTIPROCESSORS = 16,
  L2_BYTES = 38,
  MAJOR = 75,
  MINOR = 76,
  SHARED_BYTES_A_BLOCK = 97,  // the most that a kernel may ask for
};

enum class FunctionAttribute : int {
  MAX_THREADS = 0,
  STATIC_SHARED_BYTES = 1,
  LOCAL_BYTES = 3,
  REGISTERS = 4,
  MAX_DYNAMIC_SHARED_BYTES = 8,
};

enum class JitOption : int { ERROR_LOG = 5, ERROR_LOG_BYTES = 6 };

enum class CaptureMode : int { THREAD_LOCAL = 1 };

constexpr unsigned STREAM_NON_BLOCKING = 1;
constexpr unsigned EVENT_DEFAULT = 0;

// Symbols have the version that cuda.h gives them: a plain name is another, older function.
class Driver {
 public:
  // Throws Failure if there is no driver, or if it is older than CUDA 11.4.
  Driver() = default;

  Failure failure(const char* call, int result) const;
  void* symbol(const char* name) const { return library_.symbol(name); }

 private:
  template <class... Parameters>
  using C = Call<Driver, Parameters...>;

  Library library_{"libcuda.so.1"};
  C<int, const char**> error_name_{*this, "cuGetErrorName"};
  C<int, const char**> error_text_{*this, "cuGetErrorString"};

 public:
  C<unsigned> init{*this, "cuInit"};
  C<int*> version{*this, "cuDriverGetVersion"};

  C<int*> device_count{*this, "cuDeviceGetCount"};
  C<DeviceNumber*, int> device_get{*this, "cuDeviceGet"};
  C<char*, int, DeviceNumber> device_name{*this, "cuDeviceGetName"};
  C<char*, int, DeviceNumber> device_bus_id{*this, "cuDeviceGetPCIBusId"};
  C<int*, DeviceAttribute, DeviceNumber> device_attribute{*this, "cuDeviceGetAttribute"};
  C<ContextHandle*, DeviceNumber> context_retain{*this, "cuDevicePrimaryCtxRetain"};
  C<DeviceNumber> context_release{*this, "cuDevicePrimaryCtxRelease_v2"};
  C<ContextHandle> context_push{*this, "cuCtxPushCurrent_v2"};
  C<ContextHandle*> context_pop{*this, "cuCtxPopCurrent_v2"};

  C<size_t*, size_t*> memory_info{*this, "cuMemGetInfo_v2"};
  C<DevicePointer*, size_t> memory_allocate{*this, "cuMemAlloc_v2"};
  C<DevicePointer> memory_free{*this, "cuMemFree_v2"};
  C<DevicePointer, const void*, size_t, StreamHandle> upload{*this, "cuMemcpyHtoDAsync_v2"};
  C<void*, DevicePointer, size_t, StreamHandle> download{*this, "cuMemcpyDtoHAsync_v2"};
  C<DevicePointer, DevicePointer, size_t, StreamHandle> copy{*this, "cuMemcpyDtoDAsync_v2"};
  C<DevicePointer, unsigned, size_t, StreamHandle> fill{*this, "cuMemsetD32Async"};

  C<StreamHandle*, unsigned> stream_create{*this, "cuStreamCreate"};
  C<StreamHandle> stream_destroy{*this, "cuStreamDestroy_v2"};
  C<StreamHandle> stream_synchronize{*this, "cuStreamSynchronize"};
  C<EventHandle*, unsigned> event_create{*this, "cuEventCreate"};
  C<EventHandle> event_destroy{*this, "cuEventDestroy_v2"};
  C<EventHandle, StreamHandle> event_record{*this, "cuEventRecord"};
  C<EventHandle> event_synchronize{*this, "cuEventSynchronize"};
  C<float*, EventHandle, EventHandle> event_elapsed{*this, "cuEventElapsedTime"};

  C<ModuleHandle*, const void*, unsigned, JitOption*, void**> module_load{*this, "cuModuleLoadDataEx"};
  C<ModuleHandle> module_unload{*this, "cuModuleUnload"};
  C<FunctionHandle*, ModuleHandle, const char*> module_function{*this, "cuModuleGetFunction"};
  C<int*, FunctionAttribute, FunctionHandle> function_attribute{*this, "cuFuncGetAttribute"};
  C<FunctionHandle, FunctionAttribute, int> function_set_attribute{*this, "cuFuncSetAttribute"};
  C<FunctionHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, StreamHandle, void**, void**>
      launch{*this, "cuLaunchKernel"};

  C<StreamHandle, CaptureMode> capture_begin{*this, "cuStreamBeginCapture_v2"};
  C<StreamHandle, GraphHandle*> capture_end{*this, "cuStreamEndCapture"};
  C<GraphHandle> graph_destroy{*this, "cuGraphDestroy"};
  C<GraphExecHandle*, GraphHandle, unsigned long long> graph_instantiate{*this, "cuGraphInstantiateWithFlags"};
  C<GraphExecHandle> graph_exec_destroy{*this, "cuGraphExecDestroy"};
  C<GraphExecHandle, StreamHandle> graph_launch{*this, "cuGraphLaunch"};
};

// The driver, opened and initialised at the first call. Throws Failure, and tries again at the next call.
const Driver& driver();

}  // namespace oriented1d::cuda
