// One block: its threads run one at a time, each until it waits for others. The order in which they do so is given from
// outside, because a missing barrier shows as a result that depends on it.
#pragma once
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "copies.h"
#include "fiber.h"
#include "launch.h"
#include "products.h"

namespace emulated {

enum class Order { forward, reverse, shuffled };
constexpr Order ORDERS[] = {Order::forward, Order::reverse, Order::shuffled};

inline const char* name(Order order) {
  return order == Order::forward ? "forward" : order == Order::reverse ? "reverse" : "shuffled";
}

struct Thread {
  unsigned index = 0;
  CopyGroups copies;
  PostponedProducts products;
  // How often it has said that its block has begun something, and waited for its cluster.
  unsigned begun = 0, awaited = 0;
  // While it waits: the counter that it waits for, that counter's value then, its stack, and the line that it waits in.
  const unsigned* watched = nullptr;
  unsigned seen = 0;
  Fiber* fiber = nullptr;
  int line = 0;

  bool waits() const { return watched; }
};

struct Barrier {
  unsigned arrived = 0, generation = 0;
  int line = 0;
};

// A barrier of bulk copies: how many copies a phase has, how many of this phase were started, and their pieces.
struct BulkBarrier {
  int copies = 0, started = 0;
  std::vector<Copy> pending;
  unsigned parity = 0, changes = 0;
};

// A barrier of phases: how many threads have to arrive in each, those of this phase that have not, and boxes on their way.
struct PhaseBarrier {
  int count = 0, missing = 0;
  std::vector<Copy> pending;
  unsigned parity = 0, changes = 0;
};

class Block {
 public:
  std::vector<Thread> threads;
  // What threads meet at: the block's barrier, those of warps by warp and mask, those of bulk copies and of phases by place.
  Barrier barrier;
  std::map<std::pair<unsigned, unsigned>, Barrier> warp_barriers;
  std::map<const void*, BulkBarrier> bulk_barriers;
  std::map<const void*, PhaseBarrier> phase_barriers;
  // Boxes that it let come near: of which tensor, and where they lie.
  std::set<std::pair<const void*, std::array<long long, 4>>> near_boxes;
  // Bulk stores that nobody has waited for.
  std::vector<Store> bulk_stores;
  // What lanes hand to one another, by thread.
  std::vector<unsigned long long> values;

  Block(const Call& call, Order order) : threads(blockDim.x), values(blockDim.x), call_(call), order_(order) {
    for (unsigned i = 0; i < threads.size(); ++i) {
      threads[i].index = i;
      turns_.push_back(order == Order::reverse ? threads.size() - 1 - i : i);
    }
    if (order == Order::shuffled) shuffle_turns();
  }

  static Block& current() { return *current_; }
  Thread& thread() { return *thread_; }

  // The first thread of the order that can go on does so, always: whoever is ahead gets as far ahead as barriers let it.
  void run() {
    current_ = this;
    for (size_t turn = 0; turn < turns_.size();) {
      Thread& next = threads[turns_[turn]];
      released_ = false;
      if (turn == started_) start();
      else if (next.waits() && *next.watched != next.seen) go_on(next);
      turn = released_ ? 0 : turn + 1;
    }
    for (const Thread& thread : threads)
      if (thread.waits())
        fail("thread %u waits in line %d for threads that do not come there", thread.index, thread.line);
    for (const Thread& thread : threads)
      if (!thread.products.waiting.empty()) fail("it ends with products that it has not waited for");
    for (const Thread& thread : threads)
      if (thread.begun != thread.awaited || thread.begun != threads[0].begun)
        fail("thread %u comes to its cluster %u times and waits for it %u times, where thread 0 comes %u times", thread.index,
             thread.begun, thread.awaited, threads[0].begun);
    if (!bulk_stores.empty()) fail("it ends with bulk stores that it has not waited for");
    for (const auto& [place, phases] : phase_barriers)
      if (!phases.pending.empty()) fail("it ends with boxes that it has not waited for");
  }

  // The running thread waits until `counter`, which was `seen`, has changed.
  void wait(const unsigned& counter, unsigned seen, int line) {
    Thread& waiting = thread();
    waiting.watched = &counter;
    waiting.seen = seen;
    waiting.line = line;
    waiting.fiber = Fiber::running();
    Fiber::suspend();
  }

  // A counter changes that threads may wait for.
  void release(unsigned& counter) {
    ++counter;
    released_ = true;
  }

  [[noreturn]] __attribute__((format(printf, 2, 3))) void fail(const char* format, ...) const {
    std::fprintf(stderr, "%s, block %u, threads in %s order: ", call_.name, blockIdx.x, name(order_));
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fputc('\n', stderr);
    std::_Exit(1);
  }

 private:
  // The next threads, until one waits.
  void start() {
    if (idle_.empty()) idle_.push_back(&fibers_.emplace_back(start_threads));
    Fiber* const fiber = idle_.back();
    idle_.pop_back();
    fiber->resume();
    if (!thread().waits()) idle_.push_back(fiber);
  }

  void go_on(Thread& next) {
    become(next);
    next.watched = nullptr;
    next.fiber->resume();
    if (!next.waits()) idle_.push_back(next.fiber);
  }

  // What a fiber does: threads that end without waiting, or one that waits.
  static void start_threads() {
    for (;; Fiber::suspend())
      do current().start_next();
      while (!current().thread().fiber && current().started_ < current().turns_.size());
  }

  void start_next() {
    become(threads[turns_[started_++]]);
    call_.run(call_.arguments);
    if (!thread().copies.idle())
      fail("thread %u ends with asynchronous copies that it has not waited for", thread().index);
  }

  void become(Thread& thread) {
    thread_ = &thread;
    threadIdx.x = thread.index;
  }

  // Fisher and Yates, the same for the same block.
  void shuffle_turns() {
    unsigned state = blockIdx.x;
    for (size_t i = turns_.size(); i > 1; --i) {
      state = state * 1664525 + 1013904223;
      std::swap(turns_[i - 1], turns_[state / 65536 % i]);
    }
  }

  inline static Block* current_ = nullptr;
  // Fibers serve block after block; those that no thread waits on are idle.
  inline static std::deque<Fiber> fibers_;
  inline static std::vector<Fiber*> idle_;

  const Call& call_;
  Order order_;
  std::vector<unsigned> turns_;
  size_t started_ = 0;
  bool released_ = false;
  Thread* thread_ = nullptr;
};

}  // namespace emulated
