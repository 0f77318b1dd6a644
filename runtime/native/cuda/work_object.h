// Work as JavaScript sees it.
#pragma once
#include <napi.h>

#include "work.h"

namespace oriented1d::cuda {

// A handle with run(stream?: NativeStream): void, on `stream` unless given another.
Napi::Object work_object(Napi::Env env, std::shared_ptr<const Work> work, std::shared_ptr<const Stream> stream);

}  // namespace oriented1d::cuda
