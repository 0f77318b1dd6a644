import { beforeAll, expect, it } from 'vitest';
import { render } from '../../generator/template.js';
import { type EmulatedRun, emulateEach, type Outcome } from '../support/emulation.js';
import { difference, wholeNumbers } from '../support/numbers.js';

const THREADS = 64;
const BLOCKS = 3;
const LENGTH = THREADS * BLOCKS;
const INPUT = wholeNumbers(LENGTH);

const HELPERS = ['async', 'async_bulk', 'async_box']
  .map((partial) => render(`cuda/partials/${partial}.hbs`, { readsAlone: false, wholeSteps: false }))
  .join('\n');

/**
 * The kernel around a body. In it `t` is the thread, `block` and `out` are the 64 floats of the input and the output that
 * belong to the block, and `shared` holds 64 floats.
 */
function run(body: string, i: number): EmulatedRun {
  const kernel = `kernel_${i}`;
  return {
    text: `${HELPERS}
      extern "C" __global__ void __launch_bounds__(${THREADS}) ${kernel}(const float* __restrict__ input, float* output) {
        extern __shared__ float shared[];
        [[maybe_unused]] const int t = threadIdx.x;
        [[maybe_unused]] const float* const block = input + blockIdx.x * blockDim.x;
        [[maybe_unused]] float* const out = output + blockIdx.x * blockDim.x;
        ${body}
      }`,
    inputs: { input: { data: INPUT } },
    output: { length: LENGTH },
    launches: [{ kernel, args: 'input, output', blocks: BLOCKS, threads: THREADS, sharedBytes: 4 * THREADS }],
  };
}

/** The output whose thread t of every block gives `value(t, the block's input)`. */
function output(value: (t: number, block: Float32Array) => number): Float32Array {
  return INPUT.map((_, i) =>
    value(i % THREADS, INPUT.subarray(i - (i % THREADS), i - (i % THREADS) + THREADS)),
  );
}

const REVERSED = output((t, block) => block[63 - t]!);

/** A barrier, and the input as three images of 4x4 pixels of 4 channels, of which boxes have 3x5. */
const BOX =
  '__shared__ unsigned long long barrier; const TensorMap map = emulated::tensor_map(input, {4, 4, 4, 3}, {4, 5, 3, 1});';

/** Boxes of two of six rows of 32 floats, as images, whose chunks change places. */
const ROWS = `__shared__ unsigned long long barrier;
     const TensorMap map = emulated::swizzled(emulated::tensor_map(input, {32, 1, 1, 6}, {32, 1, 1, 2}));`;

/** Barriers of phases: one that ends when a box is there, and one that ends when all have read it. */
const PHASES = `__shared__ unsigned long long full, empty;
  [[maybe_unused]] const TensorMap map = emulated::tensor_map(input, {4, 4, 4, 3}, {4, 5, 3, 1});
  if (t == 0) { phase_init(&full, 1); phase_init(&empty, 64); }
  __syncthreads();`;

/** The sum of a box's value over the three images. @param again what comes before the next fetch */
function boxes(again: string): string {
  return `${PHASES}
    float sum = 0;
    for (int i = 0; i < 3; ++i) {
      if (t == 0) { ${again} phase_fetch(&full, shared, 240, &map, 0, 0, 0, i); }
      phase_wait(&full, i % 2);
      if (t < 60) sum += shared[t];
      phase_arrive(&empty);
    }
    out[t] = sum;`;
}

/** Bodies, and what they compute. */
const SOUND: Readonly<Record<string, readonly [body: string, expected: Float32Array]>> = {
  'dynamic shared memory': ['shared[t] = block[t]; __syncthreads(); out[t] = shared[63 - t];', REVERSED],
  'static shared memory': [
    '__shared__ float rows[4][17]; rows[t / 16][t % 16] = block[t]; __syncthreads(); out[t] = rows[3 - t / 16][15 - t % 16];',
    REVERSED,
  ],
  'threads that end early': [
    'out[t] = t < 5 ? 1 : 2; if (t < 40) return; out[t] = __ldg(block + t);',
    output((t, block) => (t < 5 ? 1 : t < 40 ? 2 : block[t]!)),
  ],
  vectors: [
    'if (t < 16) reinterpret_cast<float4*>(out)[t] = __ldg(reinterpret_cast<const float4*>(block) + t);',
    output((t, block) => block[t]!),
  ],
  'a barrier of a warp': [
    'shared[t] = block[t]; __syncwarp(); out[t] = shared[t ^ 31];',
    output((t, block) => block[t ^ 31]!),
  ],
  'barriers of two halves of a warp': [
    'shared[t] = block[t]; if (t % 32 < 8) __syncwarp(0xff); else __syncwarp(~0xffu); out[t] = shared[t ^ 1];',
    output((t, block) => block[t ^ 1]!),
  ],
  'a sum by shuffles': [
    'float sum = block[t]; for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(~0u, sum, d); out[t] = sum;',
    output((t, block) => block.subarray(t & 32, (t & 32) + 32).reduce((a, b) => a + b)),
  ],
  'shuffles up, down and from a lane, within halves': [
    `const float v = block[t];
     out[t] = __shfl_up_sync(~0u, v, 3, 16) + 100 * __shfl_down_sync(~0u, v, 2, 16) + 10000 * __shfl_sync(~0u, v, 20, 16);`,
    output((t, block) => {
      const [lane, first] = [t % 16, t - (t % 16)];
      const [up, down] = [lane < 3 ? t : t - 3, lane > 13 ? t : t + 2];
      return block[up]! + 100 * block[down]! + 10000 * block[first + 4]!;
    }),
  ],
  'asynchronous copies in groups': [
    `__shared__ float first[64]; __shared__ float4 second[16];
     async_copy_4(first + t, block + t); async_commit();
     if (t < 16) async_copy_16(second + t, block + 4 * t);
     async_commit(); async_wait<1>(); __syncthreads();
     float sum = first[63 - t];
     async_wait<0>(); __syncthreads();
     out[t] = sum + reinterpret_cast<const float*>(second)[t];`,
    output((t, block) => block[63 - t]! + block[t]!),
  ],
  'bulk copies in phases': [
    `__shared__ unsigned long long barrier; async_bulk_init(&barrier, 2);
     float sum = 0;
     for (int phase = 0; phase < 3; ++phase) {
       async_bulk_copy(&barrier, shared, block, 128);
       async_bulk_copy(&barrier, shared + 32, block + 32, 128);
       async_bulk_wait(&barrier, phase & 1);
       sum += shared[63 - t];
       __syncthreads();
     }
     out[t] = sum;`,
    output((t, block) => 3 * block[63 - t]!),
  ],
  'bulk copies of several pieces, in and out': [
    `__shared__ unsigned long long barrier; __shared__ __align__(16) float staged[64]; async_bulk_init(&barrier, 1);
     async_bulk_copy(&barrier, shared, block + 32, 64, 2, 128, 64);
     async_bulk_wait(&barrier, 0);
     staged[63 - t] = t % 32 < 16 ? shared[t] : 0;
     async_bulk_store(out, staged + 48, 64, 2, -128, 192);
     async_bulk_store_wait();
     if (t >= 16 && t < 48) out[t] = 1;`,
    output((t, block) => (t < 16 ? block[47 - t]! : t < 48 ? 1 : block[111 - t]!)),
  ],
  'bulk stores one after the other': [
    `for (int i = 0; i < 2; ++i) {
       shared[t] = i * block[t];
       async_bulk_store(out, shared, 256);
       async_bulk_store_wait();
     }`,
    output((t, block) => block[t]! + 0),
  ],
  'a box that sticks out': [
    `${BOX}
     async_box_copy(&barrier, shared, 240, &map, 0, 2, 2, blockIdx.x);
     async_box_wait(&barrier);
     out[t] = t < 60 ? shared[t] : 0.0f;`,
    output((t, block) => {
      const [channel, x, y] = [t % 4, 2 + (Math.floor(t / 4) % 5), 2 + Math.floor(t / 20)];
      return t < 60 && x < 4 && y < 4 ? block[(y * 4 + x) * 4 + channel]! : 0;
    }),
  ],
  'a box whose chunks change places': [
    `${ROWS}
     async_box_copy(&barrier, shared, 256, &map, 0, 0, 0, 4);
     async_box_wait(&barrier);
     out[t] = shared[t];`,
    output((t) => INPUT[128 + (t < 32 ? t : t ^ 4)]!),
  ],
  'a box of several images, one of them outside': [
    `${ROWS}
     async_box_copy(&barrier, shared, 256, &map, 0, 0, 0, 5);
     async_box_wait(&barrier);
     out[t] = shared[t];`,
    output((t) => (t < 32 ? INPUT[160 + t]! : 0)),
  ],
  'boxes that are fetched again when all have read them': [
    boxes('if (i > 0) phase_wait(&empty, (i - 1) % 2);'),
    output((t) => {
      const [channel, x, y] = [t % 4, Math.floor(t / 4) % 5, Math.floor(t / 20)];
      const at = (image: number) => INPUT[64 * image + (y * 4 + x) * 4 + channel]!;
      return t < 60 && x < 4 ? at(0) + at(1) + at(2) : 0;
    }),
  ],
};

/** Bodies, and what is said of them; `NaN`: an output that is not a number. */
const BROKEN: Readonly<Record<string, readonly [body: string, said: RegExp]>> = {
  'a missing barrier': [
    'shared[t] = block[t]; out[t] = shared[63 - t];',
    /output\[0\] is -?nan with threads in forward order and 2 in reverse order/,
  ],
  'a missing barrier of warps': [
    'shared[t] = block[t]; __syncwarp(); out[t] = shared[63 - t];',
    /output\[\d+\] is -?nan with threads in forward order/,
  ],
  'a missing second barrier': [
    'for (int i = 0; i < 2; ++i) { shared[t] = i; __syncthreads(); if (i == 0) out[t] = shared[63 - t]; }',
    /output\[\d+\] is [01] with threads in forward order and [01] in reverse order/,
  ],
  'a barrier that some threads do not reach': [
    'if (t < 48) __syncthreads(); out[t] = 0;',
    /kernel_\d+, block 0, .* order: thread \d+ waits in line \d+ for threads that do not come there/,
  ],
  'a barrier in two places': [
    'if (t < 32) {\n __syncthreads();\n } else\n __syncthreads();',
    /thread 32 is at the barrier in line \d+, others are at that in line \d+/,
  ],
  'a read before the input': ['out[t] = block[t - 1];', /AddressSanitizer: use-after-poison/],
  'a read behind the input': ['out[t] = block[t + 1];', /AddressSanitizer: use-after-poison/],
  'a write behind the output': ['out[t + 1] = block[t];', /AddressSanitizer: use-after-poison/],
  'a read behind dynamic shared memory': [
    'shared[t] = 0; __syncthreads(); out[t] = shared[t + 1];',
    /AddressSanitizer: use-after-poison/,
  ],
  'a write behind static shared memory': [
    '__shared__ float few[8]; float* p = few; if (t < 9) p[t] = 0; out[t] = p[0];',
    /AddressSanitizer: global-buffer-overflow|insufficient space/,
  ],
  'shared memory that nobody wrote': ['out[t] = t < 63 ? 0.0f : shared[t];', /NaN/],
  'an output that nobody wrote': ['if (t < 63) out[t] = 0;', /NaN/],
  'a vector that is not aligned': [
    'if (t < 15) out[t] = reinterpret_cast<const float4*>(block + 1)[t].x;',
    /misaligned address/,
  ],
  'an offset that overflows': [
    'const int offset = (t + 1) * 2000000000; out[t] = offset;',
    /signed integer overflow/,
  ],
  'a copy that is waited for too late': [
    'async_copy_4(shared + t, block + t); async_commit(); out[t] = shared[t]; async_wait<0>();',
    /NaN/,
  ],
  'a copy that is never waited for': [
    'async_copy_4(shared + t, block + t); async_commit(); out[t] = block[t];',
    /thread 0 ends with asynchronous copies that it has not waited for/,
  ],
  'a copy outside of the group that is waited for': [
    'async_commit(); async_copy_4(shared + t, block + t); async_wait<0>(); out[t] = shared[t]; async_commit(); async_wait<0>();',
    /NaN/,
  ],
  'a wait without a barrier': [
    'async_copy_4(shared + t, block + t); async_commit(); async_wait<0>(); out[t] = shared[63 - t];',
    /output\[0\] is -?nan with threads in forward order/,
  ],
  'a copy over what is still read': [
    `shared[t] = block[t]; __syncthreads(); out[t] = shared[63 - t];
     async_copy_4(shared + t, block + 63 - t); async_commit(); async_wait<0>();`,
    /output\[\d+\] is .* with threads in forward order/,
  ],
  'a copy that is not aligned': [
    'async_copy_8(shared + 1, block); async_commit(); async_wait<0>();',
    /copies 8 bytes that are not aligned to them/,
  ],
  'a bulk copy that nobody waits for': [
    '__shared__ unsigned long long barrier; async_bulk_init(&barrier, 1); async_bulk_copy(&barrier, shared, block, 256); __syncthreads(); out[t] = shared[t];',
    /NaN/,
  ],
  'a bulk copy too few': [
    '__shared__ unsigned long long barrier; async_bulk_init(&barrier, 2); async_bulk_copy(&barrier, shared, block, 256); async_bulk_wait(&barrier, 0);',
    /thread \d+ waits in line \d+/,
  ],
  'a bulk copy of no piece': [
    '__shared__ unsigned long long barrier; async_bulk_init(&barrier, 1); async_bulk_copy(&barrier, shared, block, 256, 0); async_bulk_wait(&barrier, 0);',
    /copies nothing in bulk/,
  ],
  'a bulk store of no byte': [
    'async_bulk_store(out, shared, 0); async_bulk_store_wait();',
    /copies nothing in bulk/,
  ],
  'a bulk store of what is overwritten before it was read': [
    'shared[t] = block[t]; async_bulk_store(out, shared, 256); if (t > 0) shared[t] = 0; async_bulk_store_wait();',
    /output\[\d+\] is .* with threads in forward order/,
  ],
  'a bulk store that nobody waits for': [
    'shared[t] = block[t]; async_bulk_store(out, shared, 256);',
    /it ends with bulk stores that it has not waited for/,
  ],
  'a bulk store that is not aligned': [
    'shared[t] = block[t]; async_bulk_store(out + 1, shared, 128); async_bulk_store_wait();',
    /copies in bulk what are no 16 aligned bytes/,
  ],
  'a bulk store behind the output': [
    'shared[t] = block[t]; async_bulk_store(out + 32, shared, 256); async_bulk_store_wait();',
    /AddressSanitizer: use-after-poison/,
  ],
  'a block that waits for none before it': [
    'out[t] = blockIdx.x == 0 ? 1 : (out - 64)[t];',
    /output\[64\] is 1 with threads in forward order and -?nan in reverse order/,
  ],
  'a cluster that is waited for before it was come to': [
    'await_neighbour(); say_begun(); out[t] = 0;',
    /thread \d+ waits for its cluster in line \d+ and has not come to it/,
  ],
  'a cluster that is come to twice': [
    'say_begun(); say_begun(); await_neighbour(); out[t] = 0;',
    /thread \d+ comes to its cluster in line \d+ and has not waited since the last time/,
  ],
  'a cluster that nobody waits for at the end': [
    'say_begun(); await_neighbour(); say_begun(); out[t] = 0;',
    /thread 0 comes to its cluster 2 times and waits for it 1 times/,
  ],
  'a cluster that some threads come to more often': [
    'for (int i = 0; i < (t < 32 ? 2 : 1); ++i) { say_begun(); await_neighbour(); } out[t] = 0;',
    /thread 32 comes to its cluster 1 times and waits for it 1 times, where thread 0 comes 2 times/,
  ],
  'a lane outside of the mask': [
    'if (t < 8) out[t] = __shfl_sync(0xff, block[t], 8);',
    /thread \d+ reads lane 8 in line \d+, which is not in its mask/,
  ],
  'a box that nobody waits for': [
    `${BOX} async_box_copy(&barrier, shared, 240, &map, 0, 0, 0, 0); __syncthreads(); out[t] = shared[t % 60];`,
    /NaN/,
  ],
  'a box of other bytes than are waited for': [
    `${BOX} async_box_copy(&barrier, shared, 256, &map, 0, 0, 0, 0); async_box_wait(&barrier);`,
    /line \d+ waits for other bytes than a box has/,
  ],
  'a box that is not aligned': [
    `${BOX} async_box_copy(&barrier, shared + 4, 240, &map, 0, 0, 0, 0); async_box_wait(&barrier);`,
    /line \d+ fetches a box that is not aligned/,
  ],
  'a box whose chunks change places and that is not aligned': [
    `${ROWS} async_box_copy(&barrier, shared + 32, 256, &map, 0, 0, 0, 4); async_box_wait(&barrier);`,
    /line \d+ fetches a box that is not aligned/,
  ],
  'chunks that change places within other rows than of 128 bytes': [
    `const TensorMap map = emulated::swizzled(emulated::tensor_map(input, {4, 4, 4, 3}, {4, 5, 3, 1}));
     out[t] = map.box[0];`,
    /no tensor map: rows of 128 bytes are swizzled/,
  ],
  'products that nobody waits for': [
    `float sums[4][4];
     multiply_add(sums, shared, shared, 0);
     products_commit();
     out[t] = 0;`,
    /it ends with products that it has not waited for/,
  ],
  'products of a group that is not committed': [
    `float sums[1][4][4];
     multiply_add(sums[0], shared, shared, 0);
     products_end(sums);
     out[t] = 0;`,
    /it ends with products that it has not waited for/,
  ],
  'a box that is larger than shared memory': [
    `__shared__ unsigned long long barrier;
     const TensorMap map = emulated::tensor_map(input, {4, 4, 4, 3}, {4, 5, 4, 1});
     async_box_copy(&barrier, shared, 320, &map, 0, 0, 0, 0); async_box_wait(&barrier);`,
    /AddressSanitizer: use-after-poison/,
  ],
  'a box that is fetched again before all have read it': [
    // Too late, whoever comes first: the next phase has begun.
    boxes(''),
    /NaN|is -?nan with threads|thread \d+ waits in line/,
  ],
  'a box that a block does not wait for': [
    `${PHASES} if (t == 0) phase_fetch(&full, shared, 240, &map, 0, 0, 0, 0); out[t] = 0;`,
    /it ends with boxes that it has not waited for/,
  ],
  'a phase for which a thread is missing': [
    `${PHASES} if (t > 0) phase_arrive(&empty); phase_wait(&empty, 0); out[t] = 0;`,
    /thread \d+ waits in line \d+ for threads that do not come there/,
  ],
  'a thread too many in a phase': [
    `${PHASES} if (t == 0) { phase_fetch(&full, shared, 240, &map, 0, 0, 0, 0); phase_arrive(&full); }`,
    /arrives at a barrier whose threads are all there/,
  ],
  'a barrier of phases that nobody made': [
    '__shared__ unsigned long long barrier; phase_arrive(&barrier);',
    /a barrier that phase_init did not make/,
  ],
  'a tensor map of pieces that are no 16 bytes': [
    'const TensorMap map = emulated::tensor_map(input, {4, 4, 4, 3}, {2, 5, 3, 1}); out[t] = map.box[0];',
    /no tensor map: sizes and boxes are multiples of 16 bytes/,
  ],
};

/** Far offsets, by a block's number as 64 and as 32 bits. */
const FAR = ['(long long)blockIdx.x', 'blockIdx.x'].map(far);

function far(block: string, i: number): EmulatedRun {
  const kernel = `far_${i}`;
  const lead = 2 ** 33;
  return {
    text: `extern "C" __global__ void ${kernel}(const float* __restrict__ input, float* __restrict__ output) {
      const long long i = ${block} * blockDim.x + threadIdx.x;
      output[i] = 2 * input[i];
    }`,
    inputs: { input: { data: INPUT, lead } },
    output: { length: LENGTH, lead },
    launches: [
      {
        kernel,
        args: 'input, output',
        blocks: lead / THREADS + BLOCKS,
        firstBlock: lead / THREADS,
        threads: THREADS,
        sharedBytes: 0,
      },
    ],
  };
}

let outcomes: readonly Outcome[];
beforeAll(async () => {
  const bodies = [...Object.values(SOUND), ...Object.values(BROKEN)].map(([body]) => body);
  outcomes = await emulateEach([...FAR, ...bodies.map(run)]);
});

function said(outcome: Outcome): string {
  if (outcome.status === 'rejected') return outcome.reason.stderr;
  return outcome.value.some(Number.isNaN) ? 'NaN' : 'nothing';
}

it('reaches offsets beyond 32 bits, without the memory before them', () => {
  expect(outcomes[0]).toEqual({ status: 'fulfilled', value: INPUT.map((value) => 2 * value) });
  expect(said(outcomes[1]!)).toContain('AddressSanitizer: SEGV');
});

it.each(Object.keys(SOUND).map((name, i) => [name, i] as const))('runs %s', (name, i) => {
  const outcome = outcomes[FAR.length + i]!;
  if (outcome.status === 'rejected') throw outcome.reason;
  expect(difference(outcome.value, SOUND[name]![1])).toBeUndefined();
});

it.each(Object.keys(BROKEN).map((name, i) => [name, i] as const))('sees %s', (name, i) => {
  expect(said(outcomes[FAR.length + Object.keys(SOUND).length + i]!)).toMatch(BROKEN[name]![1]);
});
