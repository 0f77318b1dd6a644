// Times kernels of products beside the multiply-adds that a core can start. Reads lines "<shared object> <symbol>" from its
// input; its arguments are rows, inner, outer, residual (0 or 1) and rounds. In each round every kernel runs once on one
// thread and once split over two, and before and after it both threads run multiply-adds alone in registers. Writes a line
// "<kernel> <threads> <seconds> <share>" each: the slower thread's processor time, which leaves out what other programs
// took, and the kernel's rate as a share of the register loop's, which leaves out the clock's ups and downs.
#include <dlfcn.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "oriented1d_kernel.h"

namespace {

#ifdef __AVX512F__
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif
using Vec = float __attribute__((vector_size(4 * LANES)));

double processor_time() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

// Operations a second of twelve chains of multiply-adds: more than a core has under way.
double register_rate() {
  constexpr int64_t TURNS = 40000;
  Vec b = Vec{} + 0.5f, c = Vec{} + 1.0f;
  asm volatile("" : "+x"(b), "+x"(c));
  Vec a0 = b, a1 = b, a2 = b, a3 = b, a4 = b, a5 = b, a6 = b, a7 = b, a8 = b, a9 = b, a10 = b, a11 = b;
  // Twelve values that are not known to be the same.
  asm volatile("" : "+x"(a0), "+x"(a1), "+x"(a2), "+x"(a3), "+x"(a4), "+x"(a5));
  asm volatile("" : "+x"(a6), "+x"(a7), "+x"(a8), "+x"(a9), "+x"(a10), "+x"(a11));
  const double start = processor_time();
  for (int64_t i = 0; i < TURNS; ++i) {
    a0 = a0 * b + c, a1 = a1 * b + c, a2 = a2 * b + c, a3 = a3 * b + c, a4 = a4 * b + c, a5 = a5 * b + c;
    a6 = a6 * b + c, a7 = a7 * b + c, a8 = a8 * b + c, a9 = a9 * b + c, a10 = a10 * b + c, a11 = a11 * b + c;
  }
  Vec sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11;
  asm volatile("" : "+x"(sum));
  return TURNS * 12 * LANES * 2 / (processor_time() - start);
}

// As the runtime's arrays: whole huge pages.
float* floats(int64_t n) {
  constexpr int64_t PAGE = int64_t(2) << 20;
  const int64_t bytes = (n * int64_t(sizeof(float)) + PAGE) / PAGE * PAGE;
  float* const array = static_cast<float*>(std::aligned_alloc(PAGE, bytes));
  if (!array) std::exit(1);
  madvise(array, bytes, MADV_HUGEPAGE);
  uint32_t seed = 1;
  for (int64_t i = 0; i < n; ++i) {
    seed = seed * 1664525 + 1013904223;
    array[i] = float(int32_t(seed) >> 8) / (1 << 26);
  }
  return array;
}

// The caller's thread and one more, which waits for work in a loop.
class Pair {
 public:
  Pair() : other_([this] { wait(); }) {}
  ~Pair() {
    ending_ = true;
    other_.join();
  }
  void run(const std::function<void(int)>& job) {
    job_ = &job;
    ++asked_;
    job(0);
    while (done_ != asked_) continue;
  }

 private:
  void wait() {
    for (int turn = 1;; ++turn) {
      while (asked_ < turn)
        if (ending_) return;
      (*job_)(1);
      done_ = turn;
    }
  }
  const std::function<void(int)>* job_ = nullptr;
  std::atomic<int> asked_{0}, done_{0};
  std::atomic<bool> ending_{false};
  std::thread other_;
};

struct Kernel {
  const O1dOperation* functions;
  float* packed;
};

std::vector<Kernel> read_kernels(const float* weight, const float* bias) {
  std::vector<Kernel> kernels;
  std::string path, symbol;
  while (std::cin >> path >> symbol) {
    void* const object = dlopen(path.c_str(), RTLD_NOW);
    const auto functions = object ? static_cast<const O1dOperation*>(dlsym(object, symbol.c_str())) : nullptr;
    if (!functions) {
      std::fprintf(stderr, "cannot load %s: %s\n", path.c_str(), dlerror());
      std::exit(1);
    }
    float* const packed = floats(functions->packed_floats());
    functions->pack(weight, bias, packed);
    kernels.push_back({functions, packed});
  }
  return kernels;
}

}  // namespace

int main(int, char** argv) {
  const int64_t rows = std::atoll(argv[1]), inner = std::atoll(argv[2]), outer = std::atoll(argv[3]);
  const bool residual = std::atoi(argv[4]) == 1;
  const int rounds = std::atoi(argv[5]);
  const float* const x = floats(rows * inner);
  float* const y = floats(rows * outer);
  const std::vector<Kernel> kernels = read_kernels(floats(inner * outer), floats(outer));
  int64_t bytes = 0;
  for (const Kernel& kernel : kernels) bytes = std::max(bytes, kernel.functions->scratch_bytes());
  float* const scratch[] = {floats(bytes / 4 + 16), floats(bytes / 4 + 16)};
  Pair pair;
  double rate[2], next[2], seconds[2];
  const auto measure_rate = [&] { pair.run([&](int thread) { next[thread] = register_rate(); }); };
  measure_rate();
  for (int round = 0; round < rounds; ++round)
    for (size_t k = 0; k < kernels.size(); ++k)
      for (int threads = 1; threads <= 2; ++threads) {
        std::copy(next, next + 2, rate);
        const auto piece = [&](int thread) {
          const int64_t units = kernels[k].functions->units(rows);
          const O1dOperationCall call{x, kernels[k].packed, residual ? y : nullptr, y, rows,
                                      units * thread / threads, units * (thread + 1) / threads, scratch[thread]};
          const double start = processor_time();
          kernels[k].functions->run(&call);
          seconds[thread] = processor_time() - start;
        };
        if (threads == 1)
          piece(0);
        else
          pair.run(piece);
        measure_rate();
        const double flops = 2.0 * double(rows * inner * outer) / threads;
        double share = 1e9, slower = 0;
        for (int thread = 0; thread < threads; ++thread) {
          share = std::min(share, flops / seconds[thread] / ((rate[thread] + next[thread]) / 2));
          slower = std::max(slower, seconds[thread]);
        }
        std::printf("%zu %d %.9f %.5f\n", k, threads, slower, share);
        if (residual) std::fill(y, y + rows * outer, 0.0f);
      }
  std::printf("rate %.0f %.0f\n", next[0], next[1]);
}
