#pragma once

namespace oriented1d {

// The widest instruction set that both this processor and the generator know: "avx512", "avx2" or "plain".
const char* isa();

}  // namespace oriented1d
