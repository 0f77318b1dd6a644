import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import type { Reply, Request } from './decoders.js';
import { ImageError } from './errors.js';
import { loadImage } from './load_image.js';

// A thread that loads one image after the other; there are others beside it, so that none takes several cores.
sharp.concurrency(1);

parentPort!.on('message', async ({ path, options }: Request) => {
  const reply = await answer(path, options);
  parentPort!.postMessage(reply, reply.kind === 'loaded' ? [reply.planes.buffer] : []);
});

async function answer(path: Request['path'], options: Request['options']): Promise<Reply> {
  try {
    return { kind: 'loaded', planes: await loadImage(path, options) };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const { code, value, rule, remedy } = error;
    return { kind: 'refused', complaint: { code, value, rule, remedy } };
  }
}
