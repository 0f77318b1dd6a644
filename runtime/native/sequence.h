// Launches that run one after the other as one: JavaScript is not asked in between.
#pragma once
#include "launch.h"

namespace oriented1d {

class Sequence final : public Launch {
 public:
  explicit Sequence(std::vector<std::shared_ptr<const Launch>> launches);

  void run() const override;
  bool detached(napi_env env) const override;

 private:
  std::vector<std::shared_ptr<const Launch>> launches_;
};

}  // namespace oriented1d
