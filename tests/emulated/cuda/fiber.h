// A function with a stack of its own, which stops where it likes and goes on later.
#pragma once
#include <sanitizer/common_interface_defs.h>
#include <ucontext.h>

#include <cstddef>
#include <memory>

namespace emulated {

class Fiber {
 public:
  // `body` never returns: it suspends itself when it has nothing left to do.
  explicit Fiber(void (*body)()) : body_(body), stack_(new char[STACK_BYTES]) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack_.get();
    context_.uc_stack.ss_size = STACK_BYTES;
    makecontext(&context_, enter, 0);
    // AddressSanitizer would forget all that it knows about a stack of known size at each switch.
    context_.uc_stack.ss_size = 0;
  }

  // Runs this fiber until it suspends. Called from the program's own stack.
  void resume() {
    running_ = this;
    void* stack = nullptr;
    __sanitizer_start_switch_fiber(&stack, stack_.get(), STACK_BYTES);
    swapcontext(&outside_, &context_);
    __sanitizer_finish_switch_fiber(stack, nullptr, nullptr);
  }

  // Goes back to where the running fiber was resumed.
  static void suspend() {
    void* stack = nullptr;
    __sanitizer_start_switch_fiber(&stack, outside_stack_, outside_bytes_);
    swapcontext(&running_->context_, &outside_);
    __sanitizer_finish_switch_fiber(stack, nullptr, nullptr);
  }

  static Fiber* running() { return running_; }

 private:
  static constexpr size_t STACK_BYTES = 256 << 10;

  static void enter() {
    __sanitizer_finish_switch_fiber(nullptr, &outside_stack_, &outside_bytes_);
    running_->body_();
  }

  inline static Fiber* running_ = nullptr;
  inline static ucontext_t outside_;
  inline static const void* outside_stack_ = nullptr;
  inline static size_t outside_bytes_ = 0;

  void (*body_)();
  std::unique_ptr<char[]> stack_;
  ucontext_t context_;
};

}  // namespace emulated
