import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { openStore } from '../../../tuner/store/store.js';
import {
  brokenRig,
  chosen,
  expectTrueRecord,
  INJURED,
  kernelThat,
  LAYER,
  tuneAll,
} from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

/** Layers of six candidates side by side, so that all wait while one does. */
const LAYERS = [0, 22.5, 45, 90, 135].map((angle) =>
  problem({ ...LAYER, height: 1, width: 1, channels: 2, angles: [angle] }),
);

// They wait: loops that work would take the processor from the trials beside them.
test('20 endless loops are so many verdicts, and the best of the rest wins', async () => {
  const injured = LAYERS.map((layer) => chosen(layer, INJURED / LAYERS.length).injured);
  const all = new Set(injured.flatMap((names) => [...names]));
  expect(all.size).toBe(INJURED);
  const broken = await brokenRig(
    (made) =>
      all.has(made.kernel) ? `#include <unistd.h>\n${kernelThat('for (;;) pause();', made)}` : undefined,
    LAYERS,
  );
  const rig = { ...broken, grace: 1400 }; // what is sound has as long, on a busy machine, too
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(
    store,
    LAYERS.map(() => rig),
    { problems: LAYERS },
  );
  for (const [i, layer] of LAYERS.entries())
    await expectTrueRecord(store, layer, {
      injured: injured[i]!,
      verdict: 'hung',
      reason: /^no answer within 1 s$/,
    });
  store.close();
});
