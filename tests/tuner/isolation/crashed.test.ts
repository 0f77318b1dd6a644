import { join } from 'node:path';
import { expect, test } from 'vitest';
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

test('20 illegal addresses are so many verdicts, and the best of the rest wins', async () => {
  const { injured } = chosen(LAYER);
  expect(injured.size).toBe(INJURED);
  const rig = await brokenRig((made) =>
    injured.has(made.kernel)
      ? kernelThat('*reinterpret_cast<volatile float*>(8) = call->output[0];', made)
      : undefined,
  );
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(store, [rig]);
  await expectTrueRecord(store, LAYER, {
    injured,
    verdict: 'crashed',
    reason: /^ended by SIGSEGV/,
  });
  store.close();
});
