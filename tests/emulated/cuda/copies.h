// Copies between global and shared memory that are under way. Inwards: until a copy is waited for, its destination holds
// NaN. Outwards: until a store is waited for, its source is still to be read.
#pragma once
#include <cstring>
#include <deque>
#include <vector>

namespace emulated {

// One copy. Its source is read when it starts.
class Copy {
 public:
  Copy(void* to, const void* from, size_t bytes) : to_(to), bytes_(bytes) {
    std::memcpy(bytes_.data(), from, bytes);
    std::memset(to, 0xff, bytes);
  }
  void land() const { std::memcpy(to_, bytes_.data(), bytes_.size()); }

 private:
  void* to_;
  std::vector<char> bytes_;
};

// One piece of a bulk store. Its source is read, and its destination written, as late as can be.
class Store {
 public:
  Store(void* to, const void* from, size_t bytes) : to_(to), from_(from), bytes_(bytes) {}
  void land() const { std::memcpy(to_, from_, bytes_); }

 private:
  void* to_;
  const void* from_;
  size_t bytes_;
};

// The copies of one thread, in the groups that it closed.
class CopyGroups {
 public:
  void start(void* to, const void* from, size_t bytes) { open_.emplace_back(to, from, bytes); }

  void commit() {
    closed_.push_back(std::move(open_));
    open_.clear();
  }

  // Lands all but the `latest` groups.
  void wait(size_t latest) {
    for (; closed_.size() > latest; closed_.pop_front())
      for (const Copy& copy : closed_.front()) copy.land();
  }

  bool idle() const {
    for (const std::vector<Copy>& group : closed_)
      if (!group.empty()) return false;
    return open_.empty();
  }

 private:
  std::vector<Copy> open_;
  std::deque<std::vector<Copy>> closed_;
};

}  // namespace emulated
