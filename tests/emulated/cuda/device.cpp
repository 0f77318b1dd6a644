// What threads of a block do together. Every thread that is expected has to come, and to the same line.
#include "device.h"

#include <cstdint>

#include "block.h"

Index threadIdx, blockIdx, blockDim, gridDim;
void* emulated::dynamic_shared = nullptr;

namespace emulated {
namespace {

constexpr unsigned WARP = 32;

void arrive(Barrier& barrier, unsigned expected, int line) {
  Block& block = Block::current();
  if (barrier.arrived > 0 && barrier.line != line)
    block.fail("thread %u is at the barrier in line %d, others are at that in line %d", block.thread().index, line,
               barrier.line);
  barrier.line = line;
  const unsigned seen = barrier.generation;
  if (++barrier.arrived == expected) {
    barrier.arrived = 0;
    block.release(barrier.generation);
  }
  // The last one waits for its turn as well, so that the given order holds between any two barriers.
  block.wait(barrier.generation, seen, line);
}

void arrive_warp(unsigned mask, int line) {
  Block& block = Block::current();
  const unsigned index = block.thread().index, warp = index / WARP;
  if (!(mask >> index % WARP & 1)) block.fail("thread %u is not in its own mask in line %d", index, line);
  // Lanes that the last warp does not have count as ended before they began, as on the device.
  const unsigned present = min<unsigned>(WARP, block.threads.size() - warp * WARP);
  const unsigned lanes = mask & ~0u >> (WARP - present);
  arrive(block.warp_barriers[{warp, mask}], __builtin_popcount(lanes), line);
}

void copy(void* shared, const void* global, int bytes, int line) {
  Block& block = Block::current();
  if ((reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global)) % bytes != 0)
    block.fail("thread %u copies %d bytes that are not aligned to them in line %d", block.thread().index, bytes, line);
  block.thread().copies.start(shared, global, bytes);
}

void check_bulk(const void* to, const void* from, int bytes, int line) {
  if (bytes < 1) Block::current().fail("line %d copies nothing in bulk", line);
  if ((reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from) | bytes) % 16 != 0)
    Block::current().fail("line %d copies in bulk what are no 16 aligned bytes", line);
}

BulkBarrier& bulk_barrier(const void* place, int line) {
  Block& block = Block::current();
  const auto found = block.bulk_barriers.find(place);
  if (found == block.bulk_barriers.end()) block.fail("line %d uses a barrier that async_bulk_init did not make", line);
  return found->second;
}

}  // namespace

void shuffle(unsigned mask, void* value, int bytes, int other, int width, int line) {
  Block& block = Block::current();
  const int index = block.thread().index, first = lane() / width * width;
  std::memcpy(&block.values[index], value, bytes);
  arrive_warp(mask, line);
  if (other >= first && other < first + width) {
    const unsigned from = index - lane() + other;
    if (!(mask >> other & 1) || from >= block.values.size())
      block.fail("thread %d reads lane %d in line %d, which is not in its mask or not in the block", index, other, line);
    std::memcpy(value, &block.values[from], bytes);
  }
  // Nobody hands out the next value before all have this one.
  arrive_warp(mask, line);
}

void async_wait(int latest) { Block::current().thread().copies.wait(latest); }

}  // namespace emulated

using emulated::Block;
using emulated::BulkBarrier;

void __syncthreads(int line) {
  emulated::arrive(Block::current().barrier, Block::current().threads.size(), line);
}

void __syncwarp(unsigned mask, int line) { emulated::arrive_warp(mask, line); }

void say_begun(int line) {
  emulated::Thread& thread = Block::current().thread();
  if (thread.begun != thread.awaited)
    Block::current().fail("thread %u comes to its cluster in line %d and has not waited since the last time", thread.index, line);
  ++thread.begun;
}

void await_neighbour(int line) {
  emulated::Thread& thread = Block::current().thread();
  if (thread.begun == thread.awaited)
    Block::current().fail("thread %u waits for its cluster in line %d and has not come to it", thread.index, line);
  ++thread.awaited;
}

void async_copy_4(void* shared, const void* global, int line) { emulated::copy(shared, global, 4, line); }
void async_copy_8(void* shared, const void* global, int line) { emulated::copy(shared, global, 8, line); }
void async_copy_16(void* shared, const void* global, int line) { emulated::copy(shared, global, 16, line); }

void async_commit() { Block::current().thread().copies.commit(); }

void async_bulk_init(unsigned long long* barrier, int copies, int line) {
  if (threadIdx.x == 0) Block::current().bulk_barriers[barrier].copies = copies;
  __syncthreads(line);
}

void async_bulk_copy(unsigned long long* place, void* shared, const void* global, int bytes, int count, int shared_step,
                     long long global_step, int line) {
  if (threadIdx.x != 0) return;
  BulkBarrier& barrier = emulated::bulk_barrier(place, line);
  if (barrier.started == barrier.copies)
    Block::current().fail("line %d starts one copy more than the barrier's phase has", line);
  ++barrier.started;
  if (count < 1) Block::current().fail("line %d copies nothing in bulk", line);
  for (int i = 0; i < count; ++i) {
    char* const to = static_cast<char*>(shared) + i * shared_step;
    const char* const from = static_cast<const char*>(global) + i * global_step;
    emulated::check_bulk(to, from, bytes, line);
    barrier.pending.emplace_back(to, from, bytes);
  }
  Block::current().release(barrier.changes);
}

void async_bulk_wait(unsigned long long* place, int parity, int line) {
  BulkBarrier& barrier = emulated::bulk_barrier(place, line);
  while (barrier.parity == unsigned(parity)) {
    if (barrier.started < barrier.copies) {
      Block::current().wait(barrier.changes, barrier.changes, line);
      continue;
    }
    for (const emulated::Copy& copy : barrier.pending) copy.land();
    barrier.pending.clear();
    barrier.started = 0;
    barrier.parity ^= 1;
    Block::current().release(barrier.changes);
  }
}

void async_bulk_store(void* global, const void* shared, int bytes, int count, int shared_step, long long global_step,
                      int line) {
  __syncthreads(line);
  if (threadIdx.x != 0) return;
  for (int i = 0; i < count; ++i) {
    char* const to = static_cast<char*>(global) + i * global_step;
    const char* const from = static_cast<const char*>(shared) + i * shared_step;
    emulated::check_bulk(to, from, bytes, line);
    Block::current().bulk_stores.emplace_back(to, from, bytes);
  }
}

void async_bulk_store_read() {
  if (threadIdx.x != 0) return;
  std::vector<emulated::Store>& stores = Block::current().bulk_stores;
  for (const emulated::Store& store : stores) store.land();
  stores.clear();
}

void async_bulk_store_wait(int line) {
  async_bulk_store_read();
  __syncthreads(line);
}
