// A tuner's dealings with its store, without the kernels: claims and records trials until all have been made, and
// tells its parent. Begins when it is told to. Arguments: the store's module, the database, how many trials,
// milliseconds each.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const [module, path, count, pause] = process.argv.slice(2);
const { openStore } = await import(module);

const keys = Array.from({ length: Number(count) }, (_, n) => ({
  problem: 'fprop_nhwc_f32_8x8_s1_k7_a0_c4_n1',
  kernel: `fprop_nhwc_f32_8x8_s1_k7_a0_c4__test_t${n}`,
  sourceHash: String(n),
  toolchain: { compiler: 'g++ 13', flags: '-O3' },
  machine: 'a machine',
  threads: 1,
}));

await Promise.all([once(process, 'message'), tell({ kind: 'ready' })]);
const store = openStore(path);
const session = store.begin({ version: '0.0.0', search: 'exhaustive', seed: 0 });
for (let left = keys; left.length > 0; ) {
  const busy = [];
  for (const key of left) {
    const claim = session.claim(key);
    if (claim === 'busy') busy.push(key);
    if (claim === 'claimed') await makeTrial(key);
  }
  left = busy;
  await sleep(2);
}
store.close();
process.disconnect();

async function makeTrial(key) {
  const { kernel } = key;
  await tell({ kind: 'claimed', kernel });
  await sleep(Number(pause));
  const outcome = { kind: 'failed', reason: `process ${process.pid}` };
  const report = { ...key, target: 'cpu:plain', params: {}, isDefault: false, outcome };
  await tell({ kind: 'recorded', kernel, written: session.record(report) });
}

/** Resolves once the parent's end of the pipe has it, so that what was told outlives a kill. */
function tell(message) {
  return new Promise((resolve) => process.send(message, resolve));
}
