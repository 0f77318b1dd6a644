// Threads that live as long as the pool and split one job at a time between them and the caller.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "memory.h"

namespace oriented1d {

class Pool {
 public:
  // `threads` counts the caller. Throws std::system_error when the system gives no more threads.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return static_cast<int>(scratch_.size()); }

  // Lends every thread at least so much scratch from now on.
  void reserve_scratch(size_t bytes);

  // Calls body(begin, end, scratch) over contiguous pieces of [0, units), on all threads, and returns when all is done.
  // Several callers take turns. The body must not throw.
  template <class Body>
  void run(int64_t units, const Body& body) {
    run(units, [](const void* b, int64_t begin, int64_t end, void* s) { (*static_cast<const Body*>(b))(begin, end, s); },
        &body);
  }

 private:
  using Piece = void (*)(const void* body, int64_t begin, int64_t end, void* scratch);

  struct Job {
    Piece piece;
    const void* body;
    int64_t units, chunk;
  };

  void run(int64_t units, Piece piece, const void* body);
  void work(size_t thread);
  void take_chunks(size_t thread);
  void stop() noexcept;

  std::mutex turn_;
  std::vector<Scratch> scratch_;
  std::vector<std::thread> workers_;
  Job job_{};
  std::atomic<int64_t> next_{0};
  std::atomic<uint32_t> jobs_{0};
  std::atomic<uint32_t> busy_{0};
  bool stopping_ = false;
};

}  // namespace oriented1d
