// Runs emitted CUDA text on the CPU, so that the sanitizers see what a kernel reads and writes and a missing barrier or
// wait shows as a wrong result, where there is no GPU. The text is compiled as it is, behind this header.
//
//   language.h  keywords, vectors, loads and stores               block.h   threads, one at a time, in a given order
//   device.h    barriers, shuffles, asynchronous copies           fiber.h   a stack that can be left and entered again
//   launch.h    arrays in, launches, output out                   copies.h  copies that are under way
//   boxes.h     boxes of tensors                                  memory.h  device memory of exact size
//   tensor_cores.h  products of matrices
//
// A block's threads run one after the other, each until it waits for others. Every run is repeated with them forward, in
// reverse and shuffled, and its output has to be the same each time. Shared memory and outputs start as NaN.
#pragma once
#define O1D_EMULATED 1

#include "boxes.h"
#include "device.h"
#include "launch.h"
#include "tensor_cores.h"
