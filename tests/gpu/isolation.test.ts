import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { findCudaCompiler } from '../../runtime/cuda/compiler.js';
import type { Verdict } from '../../tuner/outcome.js';
import { cudaRig } from '../../tuner/rig/cuda_rig.js';
import { openStore, type Store } from '../../tuner/store/store.js';
import { type TuneOptions, tune } from '../../tuner/tune.js';
import { onGpu } from '../support/gpu.js';
import { INJURED, injuredRig } from '../support/injured.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = problem({ height: 28, width: 28, kernel: 7, angles: [0, 45], channels: 64, batch: 3 });

/** A CUDA kernel under a candidate's name that does something else, whatever it is given. */
function kernelThat(statements: string, name: string): string {
  return `extern "C" __global__ void ${name}() { ${statements} }
extern "C" __global__ void ${name}_pack() {}`;
}

/** Of the first that are built four in five, until there are enough. */
function picker(): { readonly injured: ReadonlySet<string>; isInjured(kernel: string): boolean } {
  const seen = new Set<string>();
  const injured = new Set<string>();
  return {
    injured,
    isInjured(kernel) {
      if (!seen.has(kernel) && seen.size % 5 > 0 && injured.size < INJURED) injured.add(kernel);
      seen.add(kernel);
      return injured.has(kernel);
    },
  };
}

function expectTrueRecord(
  store: Store,
  injured: ReadonlySet<string>,
  verdict: Verdict,
  reason: RegExp,
): void {
  const trials = store.trials();
  expect(new Set(trials.map(({ kernel }) => kernel)).size).toBe(trials.length);
  const failed = trials.filter(({ kernel }) => injured.has(kernel));
  expect(failed).toHaveLength(INJURED);
  for (const { outcome } of failed)
    expect(outcome).toMatchObject({ kind: verdict, reason: expect.stringMatching(reason) });
  for (const { kernel, outcome } of trials)
    if (!injured.has(kernel)) expect([kernel, outcome.kind]).toEqual([kernel, 'ok']);
  const [winner] = store.winners();
  expect(winner).toMatchObject({ final: true, trial: { outcome: { kind: 'ok' } } });
  expect(store.finals()[0]!.finalists[0]!.key.kernel).toBe(winner!.trial.kernel);
}

onGpu('a tuning with 20 failures', (gpu) => {
  it.each<[string, string, Verdict, RegExp]>([
    ['compile errors', 'not_declared();', 'refused-by-compiler', /not_declared/],
    ['wrong results', '', 'wrong', /^element \d+ was not written/],
    ['illegal addresses', '*(volatile float*)8 = 1;', 'crashed', /CUDA_ERROR_ILLEGAL_ADDRESS/],
    ['endless loops', 'for (volatile int turns = 0;; turns = 1) {}', 'hung', /^no answer within \d+ s$/],
  ])('that are %s ends with a sound winner and a true record', async (_, statements, verdict, reason) => {
    const { injured, isInjured } = picker();
    const sound = await cudaRig(gpu, (await findCudaCompiler())!);
    const rig = injuredRig({ ...sound, grace: 1200 }, ({ kernel }) =>
      isInjured(kernel) ? kernelThat(statements, kernel) : undefined,
    );
    const store = openStore(join(temporaryFolder(), 'trials.db'));
    const enough = new AbortController();
    let failures = 0;
    const set: TuneOptions = {
      ...{ store, rigs: [rig], search: 'exhaustive', seed: 1, seconds: 60, more: true },
      signal: enough.signal,
      on(event) {
        if (event.kind === 'trial' && injured.has(event.kernel)) failures++;
        if (failures === INJURED) enough.abort();
      },
    };
    await tune([LAYER], set);
    await tune([LAYER], { ...set, seconds: 1, signal: new AbortController().signal });
    expectTrueRecord(store, injured, verdict, reason);
    store.close();
  });
});
