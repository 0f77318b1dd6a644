import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { classifyBy, forgetModels, holdModel, timeModel } from '../../../bench/models/model_peer.js';
import { TorchPeer } from '../../../bench/peer.js';
import { VARIANTS } from '../../../runtime/convnext/architecture.js';
import { writeSafetensors } from '../../../runtime/weights/safetensors/write_safetensors.js';
import { naiveNetwork } from '../../support/naive_network.js';
import { largestError, SMALL_IMAGES, smallExpected, smallWeights } from '../../support/small_networks.js';
import { planes } from '../../support/tape.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const peer = await TorchPeer.open('cpu', 'torch_model.py');

afterAll(() => peer?.close());

describe.skipIf(!peer)(`PyTorch's network${peer ? '' : ' (skipped: no Python here has PyTorch)'}`, () => {
  it.each(VARIANTS)('%s is the one that the checkpoints are of', async (variant) => {
    const folder = temporaryFolder();
    const { config, checkpoint } = await smallWeights(variant);
    const weights = join(folder, 'weights.safetensors');
    await writeSafetensors(weights, checkpoint.tensors);
    const { batch, height, width } = SMALL_IMAGES;
    const asked = {
      cell: { kind: 'model-cell', size: 'tiny', variant, batch, image: { height, width } },
      ...{ config, weights, tf32: false, compile: false },
      place: { device: 'cpu', threads: 1 },
    } as const;
    const held = await holdModel(peer!, { ...asked, gelu: 'exact' });
    if (held.kind !== 'held') throw new Error(held.reason);
    const expected = await smallExpected(variant);
    const images = join(folder, 'images.f32');
    writeFileSync(images, await expected('input'));
    const logits = await classifyBy(peer!, held.model, images);
    expect(largestError(logits, await expected('logits'))).toBeLessThan(1e-5);
    expect((await timeModel(peer!, held.model, 1)).microseconds).toBeGreaterThan(0);
    const other = await holdModel(peer!, { ...asked, gelu: 'tanh' });
    if (other.kind !== 'held') throw new Error(other.reason);
    const naive = await naiveNetwork(
      checkpoint,
      config,
      planes([batch, 3, height, width], await expected('input')),
      { gelu: 'tanh' },
    );
    const moved = await classifyBy(peer!, other.model, images);
    expect(largestError(moved, naive.logits.data), 'GELU by tanh').toBeLessThan(1e-5);
    await forgetModels(peer!);
  });
});
