#include "blas.h"

namespace oriented1d::cuda {

namespace {

// cublasStatus_t. Older libraries have no function that tells it.
const char* status_name(int status) {
  switch (status) {
    case 1: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case 3: return "CUBLAS_STATUS_ALLOC_FAILED";
    case 7: return "CUBLAS_STATUS_INVALID_VALUE";
    case 8: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case 11: return "CUBLAS_STATUS_MAPPING_ERROR";
    case 13: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case 14: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case 15: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case 16: return "CUBLAS_STATUS_LICENSE_ERROR";
    default: return "a status of cuBLAS";
  }
}

}  // namespace

Blas::Blas(const std::string& path, std::shared_ptr<const Device> device)
    : library_(*new Library(path)), device_(std::move(device)) {
  const Current current(*device_);
  create_(&handle_);
}

Blas::~Blas() {
  const Current current(*device_, std::nothrow);
  destroy_.quietly(handle_);
}

Failure Blas::failure(const char* call, int result) const {
  return {call, status_name(result), "result " + std::to_string(result)};
}

std::string Blas::version() const {
  const size_t version = reinterpret_cast<size_t (*)()>(symbol("cublasLtGetVersion"))();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

}  // namespace oriented1d::cuda
