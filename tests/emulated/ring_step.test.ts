import { expect, it } from 'vitest';
import { render } from '../../generator/template.js';
import { emulate } from '../support/emulation.js';

/** Launches of ten groups of images, the last of which has fewer, whose three blocks ask for their bands in turn; and then a block that is alone. */
const TEXT = `namespace steps_code {
namespace {

constexpr int SLABS = 3, IMAGES = 2, BANDS = 4, BATCH = 19, LAUNCHES = 3;
struct Work {
  int channel, image, images;
};

${render('cuda/partials/ring_step.hbs', { lag: 2 })}

// What the warp that fetches does, a band at a time: templates/cuda/partials/ring_bands.hbs.
void ask(Step& step, const Work& work, int band) {
  if (band < work.images * BANDS) await_others(step, band - LAG);
  say_asked(step, band);
}

}  // namespace

extern "C" __global__ void steps(float* output) {
  int impatient = 0, uneven = 0;
  const Counter first = begun[0];
  for (int launch = 0; launch < LAUNCHES; ++launch)
    for (int image = 0; image < BATCH; image += IMAGES) {
      const Work work{0, image, IMAGES < BATCH - image ? IMAGES : BATCH - image};
      Step all[] = {step_of(work), step_of(work), step_of(work)};
      for (int band = 0; band < IMAGES * BANDS; ++band)
        for (Step& step : all) ask(step, work, band);
      for (const Step& step : all) impatient += !step.waits;
    }
  for (int set = 0; set < SETS; ++set)
    for (const Counter count : asked[set]) uneven += count != begun[set] || count % SLABS != 0;
  const Counter rounds = (begun[0] - first) / SLABS;
  const Work work{0, 0, IMAGES};
  Step alone = step_of(work);
  for (int band = 0; band < LAG; ++band) ask(alone, work, band);
  const bool before = alone.waits;
  for (int band = LAG; band < IMAGES * BANDS; ++band) ask(alone, work, band);
  output[0] = impatient;
  output[1] = uneven;
  output[2] = rounds;
  output[3] = before;
  output[4] = alone.waits;
  for (int late = 1; late < SLABS; ++late) {
    Step step = step_of(work);
    for (int band = 0; band < IMAGES * BANDS; ++band) ask(step, work, band);
  }
}

}  // namespace steps_code
`;

it('blocks in step find one another launch after launch, and one that is alone goes on', async () => {
  const launch = { kernel: 'steps_code::steps', args: 'output', blocks: 1, threads: 1, sharedBytes: 0 };
  const [found] = await emulate([{ text: TEXT, inputs: {}, output: { length: 5 }, launches: [launch] }]);
  const [impatient, uneven, rounds, before, after] = found!;
  expect([impatient, uneven]).toEqual([0, 0]);
  expect(rounds, 'three launches of two groups that share a set').toBe(6);
  expect([before, after]).toEqual([1, 0]);
});
