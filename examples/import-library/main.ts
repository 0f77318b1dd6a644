import { inputElements, openCpu, PAPER_ANGLES, problem, targetName, tensor } from 'oriented1d';
import library from 'oriented1d/generated';

// A layer of the paper's Table 5, which the library holds: 512 channels of 56x56 pixels, 31 taps along each of eight
// directions.
const layer = problem({
  layout: 'nhwc',
  height: 56,
  width: 56,
  channels: 512,
  kernel: 31,
  angles: PAPER_ANGLES,
  batch: 4,
});
const cpu = openCpu();

const entry = library.find(layer, targetName(cpu.target));
console.log(entry ? `published: ${entry.name}, ${entry.provenance.median} us` : 'published: no such kernel');

// Compiles the published kernel at its first use; without one, a general kernel does the work.
const convolution = await cpu.load(layer, { library });
console.log(`runs: ${convolution.origin.kind}`);

// The mean of 31 pixels along the line: 1 in the middle of an image of ones, less where the line leaves the image.
const input = tensor(inputElements(layer)).fill(1); // [N,H,W,C]
const weight = new Float32Array(layer.channels * layer.kernel).fill(1 / layer.kernel); // [C,K]
const output = convolution.run({ input, weight }); // [N,H,W,C]

const pixel = (y: number, x: number) => output[(y * layer.width + x) * layer.channels]!.toFixed(3);
console.log(`channel 0, a horizontal line: ${pixel(28, 28)} in the middle, ${pixel(28, 0)} at the left edge`);
