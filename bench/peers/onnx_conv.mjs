// onnxruntime-node's depthwise 1xK and Kx1 convolutions, timed on request: fprop in NCHW on a CPU, which is all it has.
// Speaks as torch_conv.py does. Argument: the module's path, as the program that starts this resolves it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

process.on('SIGINT', () => {}); // Ctrl-C at the terminal is for our parent, and we end with the pipes to it
process.stdout.on('error', () => process.exit(0));

const { InferenceSession, Tensor } = createRequire(import.meta.url)(process.argv[2]);

/** ONNX's protocol buffers, as far as a model of one node needs them: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
function varint(value) {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return Buffer.from([...bytes, low]);
    bytes.push(low | 128);
  }
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, content) => {
  const data = Buffer.from(content);
  return Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
};
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

const [FLOAT, INT, INTS] = [1, 2, 7]; // TensorProto.FLOAT, AttributeProto.INT and INTS
const integers = (name, list) =>
  message(5, bytes(1, name), ...list.map((value) => number(8, value)), number(20, INTS));
const integer = (name, value) => message(5, bytes(1, name), number(3, value), number(20, INT));
const constant = (name, dims, data) =>
  message(5, ...dims.map((dim) => number(1, dim)), number(2, FLOAT), bytes(8, name), bytes(9, raw(data)));
const value = (field, name, dims) => {
  const shape = message(2, ...dims.map((dim) => message(1, number(1, dim))));
  return message(field, bytes(1, name), message(2, message(1, number(1, FLOAT), shape)));
};
const raw = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
const noise = (length) => Float32Array.from({ length }, () => 2 * Math.random() - 1);

function model({ channels, kernel, stride, axis }, input, output) {
  const sides = axis === 'vertical' ? [kernel, 1] : [1, kernel];
  const pads = sides.map((side) => side >> 1);
  const attributes = [
    integers('kernel_shape', sides),
    integers('strides', [stride, stride]),
    integers('pads', [...pads, ...pads]),
    integer('group', channels),
  ];
  const names = ['x', 'w', 'b'].map((name) => bytes(1, name));
  const node = message(1, ...names, bytes(2, 'y'), bytes(4, 'Conv'), ...attributes);
  const weights = [
    constant('w', [channels, 1, ...sides], noise(channels * kernel)),
    constant('b', [channels], noise(channels)),
  ];
  const graph = [node, bytes(2, 'conv'), ...weights, value(11, 'x', input), value(12, 'y', output)];
  return Buffer.concat([number(1, 8), message(7, ...graph), message(8, number(2, 13))]); // IR version 8, opset 13
}

async function setup(job) {
  const { op, batch, channels, height, width, stride, device, threads, sets } = job;
  if (op !== 'fprop' || device !== 'cpu') throw new Error(`onnxruntime-node has no ${op} on ${device}`);
  const input = [batch, channels, height, width];
  const output = [batch, channels, Math.ceil(height / stride), Math.ceil(width / stride)];
  const size = (dims) => dims.reduce((product, dim) => product * dim, 1);
  const session = await InferenceSession.create(model(job, input, output), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const feeds = Array.from({ length: sets }, () => [
    { x: new Tensor('float32', noise(size(input)), input) },
    { y: new Tensor('float32', new Float32Array(size(output)), output) },
  ]);
  let turn = 0;
  return () => session.run(...feeds[turn++ % sets]);
}

let jobs = [];
let begun = 0;

async function answer(request) {
  if (request.forget) {
    const known = jobs.filter(Boolean).length;
    jobs = [];
    return { forgotten: known };
  }
  if (request.runs === undefined) {
    jobs[begun] = await setup(request);
    return { job: begun++ };
  }
  const run = jobs[request.job];
  const start = performance.now();
  for (let i = 0; i < request.runs; i++) await run();
  return { microseconds: ((performance.now() - start) * 1000) / request.runs };
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
