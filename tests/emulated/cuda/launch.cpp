// The program: one of its runs, in every order of threads.
//   PROGRAM RUN INPUT OUTPUT      INPUT: arrays of 4-byte words, each behind its length; OUTPUT: the words of the output
#include "launch.h"

#include <algorithm>
#include <bit>

#include "block.h"
#include "memory.h"

// The static shared memory of all kernels, if one has any.
extern "C" char __start_emulated_shared[] __attribute__((weak)), __stop_emulated_shared[] __attribute__((weak));

namespace emulated {
namespace {

using Words = std::vector<unsigned>;

std::vector<Words> inputs;

// What one order of the run is in the middle of.
struct State {
  const Order order;
  size_t taken = 0;
  std::deque<Memory> memory = {};
  const Memory* output = nullptr;
};
State* state = nullptr;

Memory& allocate(size_t words, size_t lead) { return state->memory.emplace_back(4 * words, 4 * lead); }

// The block that runs after `count` others of the grid. Those that cannot end before others began would show in one of the orders.
unsigned block_after(unsigned count, const Grid& grid) {
  return state->order == Order::reverse ? grid.blocks - 1 - count : grid.first + count;
}

// It also writes the gaps between variables, which AddressSanitizer watches, and which memset would not.
void poison_static_shared() {
  for (volatile char* byte = __start_emulated_shared; byte < __stop_emulated_shared; ++byte) *byte = char(0xff);
}

}  // namespace

void* input(size_t lead) {
  const Words& words = inputs[state->taken++];
  Memory& memory = allocate(words.size(), lead);
  std::memcpy(memory.data(), words.data(), memory.bytes());
  return memory.base();
}

float* scratch(size_t floats) { return reinterpret_cast<float*>(allocate(floats, 0).base()); }

float* zeroed(size_t floats) {
  Memory& memory = state->memory.emplace_back(4 * floats, 0, Memory::Start::zeros);
  return reinterpret_cast<float*>(memory.base());
}

float* output(size_t floats, size_t lead) {
  Memory& memory = allocate(floats, lead);
  state->output = &memory;
  return reinterpret_cast<float*>(memory.base());
}

void launch(const Call& call, const Grid& grid) {
  Memory shared(grid.shared_bytes, 0);
  dynamic_shared = shared.data();
  blockDim.x = grid.threads;
  gridDim.x = grid.blocks;
  for (unsigned count = 0; count < grid.blocks - grid.first; ++count) {
    blockIdx.x = block_after(count, grid);
    shared.clear();
    poison_static_shared();
    Block(call, state->order).run();
  }
}

}  // namespace emulated

using emulated::Words;

static std::vector<Words> read(const char* path) {
  std::vector<Words> arrays;
  FILE* const file = std::fopen(path, "rb");
  for (unsigned length; std::fread(&length, 4, 1, file) == 1;) {
    Words& words = arrays.emplace_back(length);
    if (std::fread(words.data(), 4, length, file) != length) std::abort();
  }
  std::fclose(file);
  return arrays;
}

static void write(const char* path, const Words& words) {
  FILE* const file = std::fopen(path, "wb");
  std::fwrite(words.data(), 4, words.size(), file);
  if (std::fclose(file) != 0) std::abort();
}

static Words run_in(emulated::Order order, void (*run)()) {
  emulated::State state{order};
  emulated::state = &state;
  run();
  Words words(state.output->bytes() / 4);
  std::memcpy(words.data(), state.output->data(), state.output->bytes());
  return words;
}

int main(int, char** arguments) {
  void (*const run)() = emulated_runs[std::atoi(arguments[1])];
  emulated::inputs = read(arguments[2]);
  Words expected;
  for (emulated::Order order : emulated::ORDERS) {
    const Words result = run_in(order, run);
    if (order == emulated::ORDERS[0]) expected = result;
    const auto [one, other] = std::mismatch(expected.begin(), expected.end(), result.begin());
    if (one == expected.end()) continue;
    std::fprintf(stderr, "output[%td] is %g with threads in %s order and %g in %s order\n", one - expected.begin(),
                 double(std::bit_cast<float>(*one)), emulated::name(emulated::ORDERS[0]),
                 double(std::bit_cast<float>(*other)), emulated::name(order));
    return 1;
  }
  write(arguments[3], expected);
}
