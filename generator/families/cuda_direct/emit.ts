import { type Guard, loadGuards, storeGuards } from '../../guard.js';
import { encodeNumber } from '../../name.js';
import { outputSize } from '../../problem.js';
import { type Printable, render } from '../../template.js';
import { chunked } from '../../text.js';
import { bodyFacts, bodyTitle, centreTap } from '../body_text.js';
import type { Emission } from '../family.js';
import { type Body, type DirectPlan, WARP } from './plan.js';

const PER_LINE = 5;

const LANES: Readonly<Record<number, { lane: string; zero: string; members: readonly string[] }>> = {
  1: { lane: 'float', zero: '0.0f', members: [''] },
  2: { lane: 'float2', zero: 'make_float2(0.0f, 0.0f)', members: ['.x', '.y'] },
  4: { lane: 'float4', zero: 'make_float4(0.0f, 0.0f, 0.0f, 0.0f)', members: ['.x', '.y', '.z', '.w'] },
};

/** Fills templates/cuda/direct.cu.hbs. */
export function emitDirect(plan: DirectPlan, symbol: string): Emission {
  const { problem, params, bodies, chunks, blocks } = plan;
  const out = outputSize(problem);
  const biasRow = Math.max(...bodies.map(({ program }) => program.taps.taps.length));
  const threads = WARP * params.along * params.across;
  const data = {
    symbol,
    ...LANES[params.vector]!,
    channels: problem.channels,
    kernel: problem.kernel,
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    outHeight: out.height,
    outWidth: out.width,
    ...params,
    stream: params.stream === 1,
    threads,
    biasRow,
    blocks,
    chunkCount: chunks.length,
    chunkFrom: chunks.map(({ from }) => from).join(', '),
    chunkTo: chunks.map(({ to }) => to).join(', '),
    chunkBody: chunks.map(({ body }) => bodies.indexOf(body)).join(', '),
    centres: bodies.map(({ program }) => centreTap(program.taps)).join(', '),
    bodies: bodies.map((body) => bodyData(body, biasRow)),
  };
  return {
    text: render('cuda/direct.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: chunks.length * blocks,
      images: 1,
      sharedBytes: 0,
      packedFloats: (biasRow + 1) * problem.channels,
    },
  };
}

function bodyData(body: Body, biasRow: number): Printable {
  const { id, program, along, across } = body;
  const { tile, taps, origins } = program;
  const length = tile.outputs.length;
  const minor = tile.major === 'y' ? 'x' : 'y';
  const place = { [tile.major]: `along * ${length}`, [minor]: `across + ${origins[minor].from}` };
  const used = new Map<string, Guard>();
  const condition = (guards: readonly Guard[], tag: string) =>
    guards
      .map((guard) => {
        const name = `${tag}${guard.axis}_${encodeNumber(guard.offset)}`;
        used.set(name, guard);
        return name;
      })
      .join(' && ');
  const loads = program.loads.map((load) => {
    const test = condition(loadGuards(program, load), 'i');
    const value = `load(in + (${load.dy} * WIDTH + ${load.dx}) * PITCH)`;
    const uses = load.uses.map(({ output, tap }) => `mad(a${output}, v, w[${tap}]);`);
    return { value: test ? `${test} ? ${value} : zero()` : value, rows: chunked(uses, PER_LINE, '  ') };
  });
  const puts = tile.outputs.map((output, i) => {
    const test = condition(storeGuards(program, output), 'o');
    const store = `store(out + (${output.y} * OUT_WIDTH + ${output.x}) * PITCH, a${i});`;
    return test ? `if (${test}) ${store}` : store;
  });
  const first = taps.taps.map((tap) => tap.weights[0]!);
  return {
    id,
    title: bodyTitle(body),
    tilesAlong: along,
    tilesAcross: across,
    taps: taps.taps.length,
    y: place.y!,
    x: place.x!,
    guards: [...used].map(([name, guard]) => ({ name, condition: guardText(guard) })),
    accumulators: chunked(
      tile.outputs.map((_, i) => `a${i} = bias`),
      PER_LINE,
      ', ',
    ).join(',\n         '),
    loads,
    puts,
    first: [...first, ...Array(biasRow + 1 - first.length).fill(taps.kernel)].join(', '),
  };
}

function guardText({ axis, offset, scale, size, test }: Guard): string {
  const at = `${axis}${scale === 1 ? '' : ` * ${scale}`} + ${offset}`;
  switch (test) {
    case 'both':
      return `inside(${at}, ${size})`;
    case 'from-zero':
      return `${at} >= 0`;
    case 'below-size':
      return `${at} < ${size}`;
    default:
      return test satisfies never;
  }
}
