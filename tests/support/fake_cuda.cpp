// A libcuda.so.1 for machines without a GPU: memory is the host's, a stream does its work at once, and every image holds
// every kernel. `<name>_pack` makes packed = {weight[0] + centre, bias[0] or 0}; `<name>` makes y = packed[0] * x + packed[1],
// all elements; `mapped` does so with the x of the tensor map that is its last argument. A launch takes a microsecond.
// `gradient` makes dw = sum x * dy, db = sum dy and, if there is one, dx = packed[0] * dy + packed[1]; `mapped_gradient` does so
// with the dy of the tensor map that is its last argument. Their partial sums have to begin with a zero, and to be zeros all
// of them at first; they leave other numbers behind. Memory is not numbers until it is written.
// `wrong_gradient` is off in dw, `stale_gradient` from its second run on, and `hole_gradient` does not write db.
// `inspect` is that of templates/cuda/verify.cu.hbs, and `mean` and `mean_end` take the time of templates/cuda/mean.cu.hbs. Kernels called `wrong`, `hole`, `crash` and `hang` do just that.
// A general kernel makes as many elements as its shape says where y is a part of a tensor. Of a network's operations, patches
// of images copies, whatever the patches, gelu doubles, and a product by tensor cores doubles, too, but is off where a block
// has 256 rows; of their tensors they take what their names say, and a product by warpgroups those of its tensor maps.
//   FAKE_CUDA_LOG   a file that gets a line for each call that changes something
//   FAKE_CUDA_FAIL  `cuLaunchKernel=719`: what that function returns from now on
//   FAKE_CUDA_FREE  bytes of free memory, 1 MiB unless given
//   FAKE_CUDA_ROOM  bytes of shared memory that a block can have, 227 KiB unless given
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

struct Function {
  std::string name;
  int dynamic_shared = 0;
};
using Shape = std::array<int, 4>;  // the first numbers of O1dShape: layout, channels, height, width
using Pieces = std::vector<std::function<void()>>;
struct Stream {
  Pieces* capturing = nullptr;
};

// What becomes of a tensor map: who reads it finds the tensor, and whether it was copied as a whole.
struct alignas(64) Map {
  const float* x;
  uint8_t rest[112];
  uint64_t end;
};
constexpr uint64_t MAP_END = 0x70616d20666f2065;

int contexts = 0;
int lost = 0;  // what every call returns once a kernel has crashed
std::map<const void*, size_t> allocated;
float clock_ms = 0;

int failure(const char* call) {
  const char* wanted = std::getenv("FAKE_CUDA_FAIL");
  const size_t length = std::strlen(call);
  return wanted && !std::strncmp(wanted, call, length) && wanted[length] == '=' ? std::atoi(wanted + length + 1) : 0;
}

template <class... Values>
void note(const char* format, Values... values) {
  const char* path = std::getenv("FAKE_CUDA_LOG");
  FILE* file = path ? std::fopen(path, "a") : nullptr;
  if (!file) return;
  std::fprintf(file, format, values...);
  std::fclose(file);
}

// Shared memory that a block can have.
int room() {
  const char* given = std::getenv("FAKE_CUDA_ROOM");
  return given ? std::atoi(given) : 227 << 10;
}

void queue(Stream* stream, std::function<void()> piece) {
  if (stream->capturing)
    stream->capturing->push_back(std::move(piece));
  else
    piece();
}

void pack(const float* weight, const float* bias, float centre, float* packed) {
  packed[0] = weight[0] + centre;
  packed[1] = bias ? bias[0] : 0;
}

// `shape`: the problem's, of a general kernel.
void scale(const std::string& name, const float* x, const float* packed, float* y, int batch, const int* shape) {
  if (batch < 1) std::abort();
  if (name == "crash") lost = 700;
  while (name == "hang") {
  }
  const size_t shaped = size_t(batch) * shape[1] * shape[2] * shape[3];
  const size_t count = !allocated.contains(y) ? shaped : shaped ? std::min(shaped, allocated.at(y) / sizeof(float))
                                                               : allocated.at(y) / sizeof(float);
  if (count == 0) std::abort();
  for (size_t i = name == "hole" ? 1 : 0; i < count; ++i) y[i] = packed[0] * x[i] + packed[1];
  if (name == "wrong") y[count - 1] += 1e-6f;
}

void gradient(const std::string& name, const float* x, const float* dy, const float* packed, float* dx, float* dw, float* db, float* partial) {
  // Whoever launches it first finds zeros, or else its own numbers.
  const size_t sums = allocated.at(partial) / sizeof(float);
  for (size_t i = 0; i < sums; ++i)
    if (partial[i] != (i > 0 && partial[sums - 1] == 7 ? 7 : 0)) std::abort();
  const bool rerun = partial[sums - 1] == 7;
  std::fill_n(partial + 1, sums - 1, 7.0f);
  const size_t count = allocated.at(x) / sizeof(float);
  float product = 0, sum = 0;
  for (size_t i = 0; i < count; ++i) product += x[i] * dy[i], sum += dy[i];
  for (size_t i = 0; dx && i < count; ++i) dx[i] = packed[0] * dy[i] + packed[1];
  dw[0] = name == "wrong_gradient" ? product + 1 : name == "stale_gradient" && rerun ? product + 1e-4f : product;
  if (name != "hole_gradient") db[0] = sum;
}

void inspect(const uint32_t* output, const uint32_t* expected, uint64_t elements, uint64_t period, uint64_t* found) {
  for (uint64_t i = elements; i-- > 0;) {
    if ((output[i] & 0x7f800000) == 0x7f800000) found[0] = i;
    if (output[i] != expected[i % period]) found[1] = i;
  }
}

}  // namespace

// Every function that needs a context fails without one, and where it is told to.
#define ENTER(call) \
  if (contexts < 1) return 201; \
  if (lost) return lost; \
  if (const int result = failure(#call)) return result

extern "C" {

int cuGetErrorName(int result, const char** name) {
  static const char* known[] = {"CUDA_SUCCESS", "CUDA_ERROR_INVALID_VALUE", "CUDA_ERROR_OUT_OF_MEMORY"};
  *name = result < 3 ? known[result] : result == 100 ? "CUDA_ERROR_NO_DEVICE" : result == 500 ? "CUDA_ERROR_NOT_FOUND"
        : result == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : result == 209 ? "CUDA_ERROR_NO_BINARY_FOR_GPU" : nullptr;
  return *name ? 0 : 1;
}
int cuGetErrorString(int result, const char** text) { return (*text = result < 1000 ? "a text" : nullptr) ? 0 : 1; }

int cuInit(unsigned) { return failure("cuInit"); }
int cuDriverGetVersion(int* version) { return *version = 12040, 0; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int index) { return *device = index, index == 0 ? 0 : 101; }
int cuDeviceGetName(char* name, int, int) { return std::strcpy(name, "Fake GPU"), 0; }
int cuDeviceGetPCIBusId(char* id, int, int) { return std::strcpy(id, "0000:3b:00.0"), 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
  return *value = attribute == 16 ? 4 : attribute == 38 ? 1 << 20 : attribute == 75 ? 9 : attribute == 97 ? room() : 0, 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) { return *context = &contexts, note("retain\n"), 0; }
int cuDevicePrimaryCtxRelease_v2(int) { return note("release\n"), 0; }
int cuCtxPushCurrent_v2(void*) { return ++contexts, 0; }
int cuCtxPopCurrent_v2(void**) { return --contexts, 0; }

int cuMemGetInfo_v2(size_t* free, size_t* total) {
  const char* given = std::getenv("FAKE_CUDA_FREE");
  return *free = given ? std::atoll(given) : 1 << 20, *total = 2 * *free, 0;
}
int cuMemAlloc_v2(uint64_t* pointer, size_t bytes) {
  ENTER(cuMemAlloc_v2);
  *pointer = reinterpret_cast<uint64_t>(std::memset(std::aligned_alloc(256, (bytes + 255) / 256 * 256), 0xff, bytes));
  allocated[reinterpret_cast<void*>(*pointer)] = bytes;
  return note("allocate %p\n", reinterpret_cast<void*>(*pointer)), 0;
}
int cuMemFree_v2(uint64_t pointer) {
  ENTER(cuMemFree_v2);
  allocated.erase(reinterpret_cast<void*>(pointer));
  return note("free %p\n", reinterpret_cast<void*>(pointer)), std::free(reinterpret_cast<void*>(pointer)), 0;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, Stream*) {
  ENTER(cuMemcpyHtoDAsync_v2);
  return std::memcpy(reinterpret_cast<void*>(to), from, bytes), 0;
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, Stream*) {
  ENTER(cuMemcpyDtoHAsync_v2);
  return std::memcpy(to, reinterpret_cast<void*>(from), bytes), 0;
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream* stream) {
  ENTER(cuMemcpyDtoDAsync_v2);
  return queue(stream, [=] { clock_ms += 1e-3f, std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes); }), 0;
}
int cuMemsetD32Async(uint64_t to, unsigned word, size_t count, Stream* stream) {
  ENTER(cuMemsetD32Async);
  note("fill %zu words of %u\n", count, word);
  return queue(stream, [=] { std::fill_n(reinterpret_cast<unsigned*>(to), count, word); }), 0;
}

int cuStreamCreate(Stream** stream, unsigned flags) {
  ENTER(cuStreamCreate);
  return *stream = new Stream, note("stream %u\n", flags), 0;
}
int cuStreamDestroy_v2(Stream* stream) { return delete stream, 0; }
int cuStreamSynchronize(Stream*) {
  ENTER(cuStreamSynchronize);
  return 0;
}
int cuEventCreate(float** event, unsigned) { return *event = new float(0), 0; }
int cuEventDestroy_v2(float* event) { return delete event, 0; }
int cuEventRecord(float* event, Stream*) { return *event = clock_ms, 0; }
int cuEventSynchronize(float*) { return 0; }
int cuEventElapsedTime(float* ms, float* begin, float* end) { return *ms = *end - *begin, 0; }

int cuModuleLoadDataEx(void** module, const void* image, unsigned, int*, void** values) {
  if (failure("cuModuleLoadDataEx")) std::strcpy(static_cast<char*>(values[0]), "ptxas: a log");
  ENTER(cuModuleLoadDataEx);
  return *module = new std::string(static_cast<const char*>(image)), 0;
}
int cuModuleUnload(void* module) { return delete static_cast<std::string*>(module), note("unload\n"), 0; }
int cuModuleGetFunction(Function** function, void*, const char* name) {
  ENTER(cuModuleGetFunction);
  return *function = new Function{name}, 0;
}
int cuFuncGetAttribute(int* value, int attribute, Function*) { return *value = 10 * attribute, 0; }
int cuFuncSetAttribute(Function* function, int attribute, int value) {
  return attribute == 8 && value <= room() ? (function->dynamic_shared = value, 0) : 1;
}
int cuTensorMapEncodeTiled(Map* map, int type, unsigned rank, const float* address, const uint64_t* sizes,
                           const uint64_t* steps, const unsigned* box, const unsigned* every, int interleave, int swizzle,
                           int promotion, int fill) {
  ENTER(cuTensorMapEncodeTiled);
  if (rank != 4 || reinterpret_cast<uint64_t>(map) % alignof(Map) != 0) return 1;
  note("map %p of type %d, sizes %lu %lu %lu %lu, steps %lu %lu %lu, box %u %u %u %u every %u %u %u %u, modes %d %d %d %d\n",
       address, type, sizes[0], sizes[1], sizes[2], sizes[3], steps[0], steps[1], steps[2], box[0], box[1], box[2], box[3],
       every[0], every[1], every[2], every[3], interleave, swizzle, promotion, fill);
  return *map = {address, {}, MAP_END}, 0;
}
int cuLaunchKernel(Function* function, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned, unsigned,
                   unsigned shared, Stream* stream, void** arguments, void**) {
  ENTER(cuLaunchKernel);
  if (shared > 48 << 10 && shared != unsigned(function->dynamic_shared)) return 1;
  note("launch %s, %u blocks of %u, %u bytes\n", function->name.c_str(), blocks, threads, shared);
  const auto floats = [&](int i) { return *static_cast<float**>(arguments[i]); };
  const std::string& name = function->name;
  int height = 0, width = 0, channels = 0, inner = 0, outer = 0, rows = 0;
  const bool multiplies =
      std::sscanf(name.c_str(), "product_f32_i%d_o%d_n0_g1_r0_%*[^_]_r%d", &inner, &outer, &rows) == 3;
  const bool mapped_product = multiplies && name.find("_wgmma_") != std::string::npos;
  const bool doubles = std::sscanf(name.c_str(), "gelu_f32_c%d", &channels) == 1 ||
                       std::sscanf(name.c_str(), "gelu_tanh_f32_c%d", &channels) == 1;
  const bool copies = std::sscanf(name.c_str(), "patches_nchw_f32_%dx%d_c%d", &height, &width, &channels) == 3;
  const Map* const map = name == "mapped" ? static_cast<Map*>(arguments[4])
                       : name == "mapped_gradient" ? static_cast<Map*>(arguments[8])
                       : mapped_product ? static_cast<Map*>(arguments[5]) : nullptr;
  const Map* const weights = mapped_product ? static_cast<Map*>(arguments[6]) : nullptr;
  if ((map && map->end != MAP_END) || (weights && weights->end != MAP_END)) return 1;
  const float* const x = map ? map->x : floats(0);
  std::function<void()> run;
  if (name.ends_with("_pack"))
    run = [=, a = floats(0), b = floats(1), c = *static_cast<float*>(arguments[2]), d = floats(3)] { pack(a, b, c, d); };
  else if (name == "mean" || name == "mean_end" || name.ends_with("_reduce"))
    run = [] {};
  else if (name == "inspect")
    run = [a = *static_cast<uint32_t**>(arguments[0]), b = *static_cast<uint32_t**>(arguments[1]),
           elements = *static_cast<uint64_t*>(arguments[2]), period = *static_cast<uint64_t*>(arguments[3]),
           found = *static_cast<uint64_t**>(arguments[4])] { inspect(a, b, elements, period, found); };
  else if (multiplies)
    run = [=, weight = weights ? weights->x : floats(1), bias = floats(2), y = floats(3), count = *static_cast<int*>(arguments[4])] {
      for (int i = 0; i < count * outer; ++i) {
        float sum = bias[i % outer] + (rows == 256);
        for (int k = 0; k < inner; ++k) sum += x[i / outer * inner + k] * weight[i % outer * inner + k];
        y[i] = 2 * sum;
      }
    };
  else if (doubles || copies)
    run = [x, y = floats(1), factor = doubles ? 2 : 1,
           count = size_t(doubles ? channels : height * width * channels) * *static_cast<int*>(arguments[2])] {
      for (size_t i = 0; i < count; ++i) y[i] = factor * x[i];
    };
  else if (name.ends_with("gradient"))
    run = [name, x = floats(0), dy = map ? map->x : floats(1), packed = floats(2), dx = floats(3), dw = floats(4),
           db = floats(5), partial = floats(6)] { gradient(name, x, dy, packed, dx, dw, db, partial); };
  else
    run = [=, b = floats(1), c = floats(2), n = *static_cast<int*>(arguments[3]),
           shape = name.starts_with("cuda_general") ? *static_cast<Shape*>(arguments[4]) : Shape{}] {
      scale(name, x, b, c, n, shape.data());
    };
  return queue(stream, [=] { clock_ms += 1e-3f, run(); }), 0;
}

int cuStreamBeginCapture_v2(Stream* stream, int) { return stream->capturing = new Pieces, 0; }
int cuStreamEndCapture(Stream* stream, Pieces** graph) { return *graph = stream->capturing, stream->capturing = nullptr, 0; }
struct LaunchAttribute {
  int id, padding;
  uint64_t value[8];
};
struct LaunchConfig {
  unsigned grid[3], block[3], shared;
  Stream* stream;
  LaunchAttribute* attributes;
  unsigned count;
};

// Of a kernel that waits for the one before itself, the only thing that it is for: here they run one after the other.
int cuLaunchKernelEx(const LaunchConfig* config, Function* function, void** arguments, void** extra) {
  if (config->count != 1 || config->attributes->id != 6 || int(config->attributes->value[0]) != 1) return 1;
  note("early ");
  return cuLaunchKernel(function, config->grid[0], config->grid[1], config->grid[2], config->block[0], config->block[1],
                        config->block[2], config->shared, config->stream, arguments, extra);
}
int cuGraphInstantiateWithFlags(Pieces** exec, Pieces* graph, unsigned long long) { return *exec = new Pieces(*graph), 0; }
int cuGraphDestroy(Pieces* graph) { return delete graph, 0; }
int cuGraphExecDestroy(Pieces* exec) { return delete exec, 0; }
int cuGraphLaunch(Pieces* exec, Stream*) {
  ENTER(cuGraphLaunch);
  for (const auto& piece : *exec) piece();
  return 0;
}

// For other libraries that work on a stream: does it when the stream does, in so many milliseconds.
__attribute__((visibility("default"))) void fake_cuda_queue(Stream* stream, void (*work)(void*), void* argument, float ms) {
  queue(stream, [=] { clock_ms += ms, work(argument); });
}

}  // extern "C"
