import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { openStore } from '../../../tuner/store/store.js';
import {
  chosen,
  expectTrueRecord,
  INJURED,
  injuredRig,
  kernelThat,
  LAYER,
  soundRig,
  tuneAll,
} from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

/** Two layers side by side, so that one waits while the other does. */
const LAYERS = [LAYER, problem({ ...LAYER, layout: 'nchw' })];

// They wait: loops that work would take the processor from the trials beside them.
test('20 endless loops are so many verdicts, and the best of the rest wins', async () => {
  const injured = LAYERS.map((layer) => chosen(layer, INJURED / 2).injured);
  expect(injured[0]!.size + injured[1]!.size).toBe(INJURED);
  const all = new Set(injured.flatMap((names) => [...names]));
  const rig = injuredRig({ ...(await soundRig()), grace: 700 }, (made) =>
    all.has(made.kernel) ? `#include <unistd.h>\n${kernelThat('for (;;) pause();', made)}` : undefined,
  );
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(store, [rig, rig], { problems: LAYERS });
  for (const [i, layer] of LAYERS.entries())
    await expectTrueRecord(store, layer, {
      injured: injured[i]!,
      verdict: 'hung',
      reason: /^no answer within 1 s$/,
    });
  store.close();
});
