// A libcublasLt.so.13 for tests/support/fake_cuda.cpp. It computes products as they are defined, and refuses all that the
// real one would not take for Y = X W^T + bias, or plus a residual, or GELU by tanh of it, of row-major float32 matrices. It
// names five algorithms: number 1 cannot do the product, by its own word, 2 takes half the time of the others, and 3 refuses
// when it is run.
//   FAKE_CUDA_LOG  a file that gets a line for each product that is computed
#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int INVALID = 7, NOT_SUPPORTED = 15;

struct Desc {
  int compute;
  int32_t transpose_a = 0, transpose_b = 0;
  uint32_t epilogue = 1;
  const float* bias = nullptr;
};
struct Layout {
  uint64_t rows, columns;
};
struct Preference {
  uint64_t workspace_bytes = 0;
};
struct Algorithm {
  uint64_t number, rest[7];
};
struct Result {
  Algorithm algorithm;
  size_t workspace_bytes;
  int state;
  float waves;
  int reserved[4];
};
struct Product {
  uint64_t rows, inner, outer;
  const float *x, *weight, *bias, *residual;
  float* y;
  bool gelu;
};

using Queue = void (*)(void* stream, void (*work)(void*), void* argument, float ms);

Queue queue_of_driver() {
  return reinterpret_cast<Queue>(dlsym(dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), "fake_cuda_queue"));
}

float gelu(double x) {
  return static_cast<float>(x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))));
}

void multiply(void* argument) {
  const Product& p = *static_cast<Product*>(argument);
  for (uint64_t row = 0; row < p.rows; ++row)
    for (uint64_t o = 0; o < p.outer; ++o) {
      float sum = p.bias[o] + (p.residual ? p.residual[row * p.outer + o] : 0);
      for (uint64_t i = 0; i < p.inner; ++i) sum += p.x[row * p.inner + i] * p.weight[o * p.inner + i];
      p.y[row * p.outer + o] = p.gelu ? gelu(sum) : sum;
    }
}

void note(const Product& p, const Desc& desc, uint64_t algorithm) {
  const char* path = std::getenv("FAKE_CUDA_LOG");
  FILE* file = path ? std::fopen(path, "a") : nullptr;
  if (!file) return;
  std::fprintf(file, "product %lux%lux%lu of type %d by algorithm %lu%s%s\n", p.rows, p.inner, p.outer, desc.compute,
               algorithm, p.residual ? p.residual == p.y ? ", in place" : ", to another" : "", p.gelu ? ", GELU" : "");
  std::fclose(file);
}

// W^T, X^T, Y^T as the library sees them: W is transposed, and X is not.
bool fits(const Desc& desc, const Layout& weight, const Layout& x, const Layout& y) {
  return (desc.compute == 68 || desc.compute == 77) && desc.transpose_a == 1 && desc.transpose_b == 0 &&
         (desc.epilogue == 4 || desc.epilogue == 36) && desc.bias && weight.rows == x.rows &&
         y.rows == weight.columns && y.columns == x.columns;
}

}  // namespace

extern "C" {

size_t cublasLtGetVersion() { return 130203; }
int cublasLtCreate(int** handle) { return *handle = new int, std::getenv("FAKE_BLAS_REFUSES") ? 1 : 0; }
int cublasLtDestroy(int* handle) { return delete handle, 0; }
int cublasLtMatmulDescCreate(Desc** desc, int compute, int scale) {
  return *desc = new Desc{compute}, scale == 0 ? 0 : INVALID;
}
int cublasLtMatmulDescDestroy(Desc* desc) { return delete desc, 0; }
int cublasLtMatmulDescSetAttribute(Desc* desc, int attribute, const void* value, size_t bytes) {
  const auto set = [&](auto& field) {
    if (bytes != sizeof field) return INVALID;
    __builtin_memcpy(&field, value, bytes);
    return 0;
  };
  switch (attribute) {
    case 3: return set(desc->transpose_a);
    case 4: return set(desc->transpose_b);
    case 7: return set(desc->epilogue);
    case 8: return set(desc->bias);
    default: return INVALID;
  }
}
int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t columns, int64_t step) {
  return *layout = new Layout{rows, columns}, type == 0 && step == int64_t(rows) ? 0 : INVALID;
}
int cublasLtMatrixLayoutDestroy(Layout* layout) { return delete layout, 0; }
int cublasLtMatmulPreferenceCreate(Preference** preference) { return *preference = new Preference, 0; }
int cublasLtMatmulPreferenceDestroy(Preference* preference) { return delete preference, 0; }
int cublasLtMatmulPreferenceSetAttribute(Preference* preference, int attribute, const void* value, size_t bytes) {
  if (attribute != 1 || bytes != sizeof preference->workspace_bytes) return INVALID;
  return preference->workspace_bytes = *static_cast<const uint64_t*>(value), 0;
}
int cublasLtMatmulAlgoGetHeuristic(int*, Desc* desc, Layout* weight, Layout* x, Layout* c, Layout* y,
                                   Preference* preference, int wanted, Result* results, int* count) {
  if (!fits(*desc, *weight, *x, *y) || c != y || preference->workspace_bytes == 0) return INVALID;
  *count = y->rows == 13 ? 0 : wanted < 5 ? wanted : 5;
  for (int i = 0; i < *count; ++i) results[i] = {{uint64_t(i), {}}, 0, i == 1 ? NOT_SUPPORTED : 0, 1, {}};
  return 0;
}
int cublasLtMatmul(int*, Desc* desc, const float* alpha, const float* weight, Layout* weight_layout, const float* x,
                   Layout* x_layout, const float* beta, const float* c, Layout* c_layout, float* y, Layout* y_layout,
                   const Algorithm* algorithm, void* workspace, size_t workspace_bytes, void* stream) {
  if (!fits(*desc, *weight_layout, *x_layout, *y_layout) || c_layout != y_layout || *alpha != 1 || !workspace ||
      workspace_bytes == 0)
    return INVALID;
  if (algorithm->number == 3) return NOT_SUPPORTED;
  // Never given back: a graph may compute it again and again.
  auto* const product = new Product{y_layout->columns, x_layout->rows, y_layout->rows, x, weight, desc->bias,
                                    *beta == 1 ? c : nullptr, y, desc->epilogue == 36};
  note(*product, *desc, algorithm->number);
  static const Queue queue = queue_of_driver();
  return queue(stream, multiply, product, algorithm->number == 2 ? 1e-3f : 2e-3f), 0;
}

}  // extern "C"
