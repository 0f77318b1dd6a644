#include "sequence.h"

#include <algorithm>
#include <utility>

namespace oriented1d {

Sequence::Sequence(std::vector<std::shared_ptr<const Launch>> launches) : Launch({}), launches_(std::move(launches)) {}

void Sequence::run() const {
  for (const auto& launch : launches_) launch->run();
}

bool Sequence::detached(napi_env env) const {
  return std::any_of(launches_.begin(), launches_.end(), [env](const auto& launch) { return launch->detached(env); });
}

}  // namespace oriented1d
