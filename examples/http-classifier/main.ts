import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ImageError, loadImage, loadModel, topClasses } from 'oriented1d';
import library from 'oriented1d/generated';
import { Batcher } from './batcher.js';
import { classifierServer, Refusal } from './server.js';

const { values } = parseArgs({
  options: {
    weights: { type: 'string' },
    labels: { type: 'string' },
    port: { type: 'string', default: '8080' },
    batch: { type: 'string', default: '16' },
    wait: { type: 'string', default: '5' },
    side: { type: 'string', default: '224' },
    requests: { type: 'string', default: '256' },
  },
});
if (values.weights === undefined) throw new Error('give --weights FILE, a checkpoint');
const [most, wait, side, mostRequests] = [values.batch, values.wait, values.side, values.requests].map(
  Number,
) as [number, number, number, number];
const labels = values.labels === undefined ? undefined : readFileSync(values.labels, 'utf8').split(/\r?\n/);

// The first GPU if there is one, else the CPU.
const model = await loadModel({
  weights: values.weights,
  library,
  onProgress: ({ text }) => console.error(text),
});

// A network is prepared for a number of images: a few numbers will do, as what is left over is filled up.
const sizes = [...new Set([1, Math.ceil(most / 4), most])];
const image = 3 * side * side;
for (const batch of sizes) await classified(new Float32Array(batch * image), batch);

const batcher = new Batcher({ most, wait, run: top5 });
const { server, drain } = classifierServer({
  mostBytes: 10 << 20,
  mostRequests,
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

server.listen(Number(values.port), () => console.error(`listens on port ${values.port}`));
process.once('SIGTERM', async () => {
  await drain();
  await model.close();
});
