import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../tuner/store/store.js';
import {
  brokenRig,
  chosen,
  expectTrueRecord,
  INJURED,
  LAYER,
  soundKernelThat,
  tuneAll,
} from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

test('20 wrong results are so many verdicts, and the best of the rest wins', async () => {
  const { injured } = chosen(LAYER);
  expect(injured.size).toBe(INJURED);
  const rig = await brokenRig((made) =>
    injured.has(made.kernel)
      ? soundKernelThat('sound.run(call); call->output[0] += 1e-3f;', made)
      : undefined,
  );
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(store, [rig]);
  await expectTrueRecord(store, LAYER, {
    injured,
    verdict: 'wrong',
    reason: /^relative error .* is larger than|is off by .* of the largest value/,
  });
  store.close();
});
