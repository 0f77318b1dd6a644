#include "pool.h"

#include <algorithm>
#include <chrono>

namespace oriented1d {

namespace {
// Chunks a thread takes in the mean: enough to even out a slow core, few enough that neighbours share their halos.
constexpr int64_t CHUNKS_A_THREAD = 8;

// How long a thread looks for what comes next before it sleeps: a network's launches follow one another within
// microseconds, and to wake a thread takes tens of them.
constexpr std::chrono::microseconds SPIN(50);
constexpr int LOOKS = 64;  // between two readings of the clock

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Returns once `value` is no longer `old`.
void wait(const std::atomic<uint32_t>& value, uint32_t old) {
  using Clock = std::chrono::steady_clock;
  for (const auto end = Clock::now() + SPIN; Clock::now() < end;) {
    for (int look = 0; look < LOOKS; ++look) {
      if (value != old) return;
      pause();
    }
    std::this_thread::yield();  // where threads are more than cores, the others are what is waited for
  }
  value.wait(old);
}
}  // namespace

Pool::Pool(int threads) : scratch_(threads) {
  try {
    for (int thread = 1; thread < threads; ++thread) workers_.emplace_back(&Pool::work, this, thread);
  } catch (...) {
    stop();
    throw;
  }
}

Pool::~Pool() { stop(); }

void Pool::stop() noexcept {
  stopping_ = true;
  jobs_.fetch_add(1);
  jobs_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Pool::reserve_scratch(size_t bytes) {
  const std::lock_guard turn(turn_);
  for (Scratch& scratch : scratch_) scratch.reserve(bytes);
}

void Pool::run(int64_t units, Piece piece, const void* body) {
  const std::lock_guard turn(turn_);
  if (workers_.empty() || units < 2) return piece(body, 0, units, scratch_[0].get());
  job_ = {piece, body, units, std::max<int64_t>(1, units / (CHUNKS_A_THREAD * threads()))};
  next_ = 0;
  busy_ = static_cast<uint32_t>(workers_.size());
  jobs_.fetch_add(1);
  jobs_.notify_all();
  take_chunks(0);
  for (uint32_t busy = busy_; busy != 0; busy = busy_) wait(busy_, busy);
}

void Pool::work(size_t thread) {
  for (uint32_t seen = 0;; ++seen) {
    wait(jobs_, seen);
    if (stopping_) return;
    take_chunks(thread);
    if (busy_.fetch_sub(1) == 1) busy_.notify_one();
  }
}

void Pool::take_chunks(size_t thread) {
  const Job job = job_;
  for (;;) {
    const int64_t begin = next_.fetch_add(job.chunk, std::memory_order_relaxed);
    if (begin >= job.units) return;
    job.piece(job.body, begin, std::min(begin + job.chunk, job.units), scratch_[thread].get());
  }
}

}  // namespace oriented1d
