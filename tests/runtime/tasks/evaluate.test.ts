import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it, test, vi } from 'vitest';
import { ImageError } from '../../../runtime/image/errors.js';
import { imageElements } from '../../../runtime/image/normalize.js';
import type { Images } from '../../../runtime/model/images.js';
import { type Classifier, type Evaluation, evaluate } from '../../../runtime/tasks/evaluate.js';
import type { LabelledImage } from '../../../runtime/tasks/image_folder.js';

const SIDE = 2;
const CLASSES = 7;
const ONE = imageElements(SIDE);

/** Takes an image for the class that its first number says. */
class FakeModel implements Classifier {
  readonly batches: number[] = [];
  running = 0;
  mostRunning = 0;
  readonly #time: number;

  constructor(time = 0) {
    this.#time = time;
  }

  async run(images: Images | Float32Array) {
    const { data, batch } = images as Images;
    const seen = data.slice(); // what a device has read
    this.batches.push(batch);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    await pause(this.#time);
    this.running--;
    expect(data).toEqual(seen); // left alone until the run is done
    const logits = new Float32Array(batch * CLASSES);
    for (let i = 0; i < batch; i++) logits[i * CLASSES + (seen[i * ONE]! % CLASSES)] = 5;
    return { logits, batch, classes: CLASSES };
  }
}

async function* imagesOf(labels: readonly number[]): AsyncGenerator<LabelledImage> {
  for (const [i, label] of labels.entries()) yield { path: `${i}`, label };
}

/** Images whose names are their classes; of the broken ones none. */
function evaluation(
  models: readonly Classifier[],
  classes: readonly number[],
  more: Partial<Evaluation> = {},
) {
  return {
    models,
    batch: 4,
    side: SIDE,
    width: 3,
    load: async (path: string) => {
      await pause(0);
      const shown = classes[Number(path)]!;
      if (shown < 0) throw new ImageError({ code: 'broken', value: path, rule: 'broken', remedy: 'mend it' });
      return new Float32Array(ONE).fill(shown);
    },
    ...more,
  };
}

const cases = fc.array(fc.tuple(fc.integer({ min: -1, max: 6 }), fc.nat(6)), { maxLength: 25 });

test('counts every image that can be read once, on however many devices', async () => {
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (all, count, batch) => {
        const shown = all.map(([one]) => one);
        const models = Array.from({ length: count }, () => new FakeModel());
        const failures: unknown[] = [];
        const made = await evaluate(
          imagesOf(all.map(([, label]) => label)),
          evaluation(models, shown, { batch, onFailure: ({ value }) => failures.push(value) }),
        );
        const readable = all.filter(([one]) => one >= 0);
        const right = readable.filter(([one, label]) => one === label).length;
        expect(made).toMatchObject({
          images: readable.length,
          failed: all.length - readable.length,
          top1: right / readable.length,
        });
        expect(failures).toEqual(all.flatMap(([one], i) => (one < 0 ? [`${i}`] : [])));
        const total = right * crossEntropy(5) + (readable.length - right) * crossEntropy(0);
        if (readable.length > 0) expect(made.loss).toBeCloseTo(total / readable.length, 6);
        // All batches are of one size, so that a network is prepared once.
        expect(new Set(models.flatMap(({ batches }) => batches))).toEqual(new Set([batch]));
      },
    ),
    { numRuns: 50 },
  );
});

/** Of a class with this logit, where one of seven is 5 and the others 0. */
function crossEntropy(logit: number): number {
  return Math.log(Math.exp(5) + CLASSES - 1) - logit;
}

it('loads while a model runs, and never more than a few batches ahead of it', async () => {
  const classes = Array.from({ length: 60 }, (_, i) => i % CLASSES);
  const model = new FakeModel(5);
  let [loading, mostLoading, ahead, mostAhead, whileRunning] = [0, 0, 0, 0, 0];
  const load: Evaluation['load'] = async (path) => {
    mostLoading = Math.max(mostLoading, ++loading);
    if (model.running > 0) whileRunning++;
    ahead = Number(path) + 1 - 4 * (model.batches.length - 1);
    mostAhead = Math.max(mostAhead, ahead);
    await pause(0);
    loading--;
    return new Float32Array(ONE).fill(classes[Number(path)]!);
  };
  const made = await evaluate(imagesOf(classes), evaluation([model], classes, { load }));
  expect(made).toMatchObject({ images: 60, failed: 0, top1: 1 });
  expect(mostLoading).toBe(3);
  expect(whileRunning).toBeGreaterThan(20);
  // Two batches are with the model; then come those that wait and those that are loaded.
  expect(mostAhead).toBeLessThan(4 + 4 + 30);
  expect(model.batches).toHaveLength(1 + 15);
});

it('shares the work among devices', async () => {
  const classes = Array.from({ length: 80 }, () => 1);
  const models = [new FakeModel(3), new FakeModel(3)];
  await evaluate(imagesOf(classes), evaluation(models, classes));
  for (const { batches } of models) expect(batches.length).toBeGreaterThan(5);
});

test.each([
  [
    'a model',
    { models: [{ run: () => Promise.reject(new Error('the device is gone')) }] },
    'the device is gone',
  ],
  ['reading', { load: () => Promise.reject(new Error('out of memory')) }, 'out of memory'],
])('a failure of %s ends it', async (_, failing, message) => {
  const classes = Array.from({ length: 30 }, () => 1);
  const whole = { ...evaluation([new FakeModel()], classes), ...failing };
  await expect(evaluate(imagesOf(classes), whole)).rejects.toThrow(message);
});

it('counts and tells a folder that cannot be read, and goes on', async () => {
  const gone = new ImageError({ code: 'folder-unreadable', value: 'x', rule: 'is gone', remedy: 'find it' });
  async function* images(): AsyncGenerator<LabelledImage | ImageError> {
    yield { path: '0', label: 1 };
    yield gone;
    yield { path: '1', label: 1 };
  }
  const onFailure = vi.fn();
  const made = await evaluate(images(), evaluation([new FakeModel()], [1, 1], { onFailure }));
  expect(made).toMatchObject({ images: 2, failed: 1, top1: 1 });
  expect(onFailure.mock.calls).toEqual([[gone]]);
});

it('a disk that is gone ends it', async () => {
  async function* images(): AsyncGenerator<LabelledImage> {
    yield { path: '0', label: 1 };
    throw new Error('input/output error');
  }
  await expect(evaluate(images(), evaluation([new FakeModel()], [1]))).rejects.toThrow('input/output error');
});
