import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { ImageError, loadImage, loadModel, topClasses } from 'oriented1d';
import library from 'oriented1d/generated';
import { Batcher } from './batcher.js';
import { readOptions, UsageError } from './options.js';
import { classifierServer, Refusal } from './server.js';

process.once('uncaughtException', (error: Error & { readonly fault?: string }) => {
  const isUsers = error instanceof UsageError || error.fault === 'user';
  console.error(isUsers ? `http-classifier: ${error.message}` : error.stack);
  process.exit(isUsers ? 2 : 1);
});

const options = readOptions(process.argv.slice(2));
const { batch: most, side } = options;
const labels = options.labels === undefined ? undefined : readFileSync(options.labels, 'utf8').split(/\r?\n/);

let said = '';
// The first GPU if there is one, else the CPU.
const model = await loadModel({
  weights: options.weights,
  library,
  onProgress: ({ text }) => {
    if (text !== said) console.error(text); // once, not for each kernel
    said = text;
  },
});

// A network is prepared for a number of images: a few numbers will do, as what is left over is filled up.
const sizes = [...new Set([1, Math.ceil(most / 4), most])];
const image = 3 * side * side;
for (const batch of sizes) await classified(new Float32Array(batch * image), batch);

const batcher = new Batcher({ most, wait: options.wait, run: top5 });
const { server, drain } = classifierServer({
  mostBytes: 10 << 20,
  mostRequests: options.requests,
  async classify(body) {
    const planes = await loadImage(body, { side, upright: true, mostPixels: 50e6 }).catch(
      (error: unknown) => {
        throw error instanceof ImageError ? new Refusal(400, error.rule) : error;
      },
    );
    return batcher.submit(planes);
  },
});

async function top5(images: readonly Float32Array[]): Promise<readonly object[]> {
  const batch = sizes.find((size) => size >= images.length)!;
  const data = new Float32Array(batch * image);
  for (const [i, planes] of images.entries()) data.set(planes, i * image);
  const { logits, classes } = await classified(data, batch);
  return images.map((_, i) => ({
    top: topClasses(logits.subarray(i * classes, (i + 1) * classes), 5).map((one) => ({
      ...one,
      ...(labels && { label: labels[one.class] }),
    })),
  }));
}

function classified(data: Float32Array, batch: number) {
  return model.run({ data, batch, height: side, width: side, lent: true }); // nobody else has it
}

server.listen(options.port, () => {
  const { port } = server.address() as AddressInfo;
  console.error(`listens on port ${port}`);
});
process.once('SIGTERM', async () => {
  await drain();
  await model.close();
});
