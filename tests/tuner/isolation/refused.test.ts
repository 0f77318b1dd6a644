import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../tuner/store/store.js';
import {
  chosen,
  compilingRig,
  expectTrueRecord,
  INJURED,
  injuredRig,
  kernelThat,
  LAYER,
  tuneAll,
} from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

test('20 compile errors are so many verdicts, and the best of the rest wins', async () => {
  const { injured } = chosen(LAYER);
  expect(injured.size).toBe(INJURED);
  const rig = injuredRig(await compilingRig(), (made) =>
    injured.has(made.kernel) ? kernelThat('not_declared(call);', made) : undefined,
  );
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(store, [rig]);
  await expectTrueRecord(store, LAYER, {
    injured,
    verdict: 'refused-by-compiler',
    reason: /^the C\+\+ compiler refused the kernel: .*error:.*not_declared/,
  });
  store.close();
});
