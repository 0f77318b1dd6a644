/** Longest straight-line body: beyond it compilers take minutes and the code leaves the instruction cache. */
export const MAX_MULTIPLY_ADDS = 4096;
