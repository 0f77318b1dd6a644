import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { isSameCode, machineCode } from '../../../generator/library/machine_code.js';
import { compileCuda, findCudaCompiler } from '../../../runtime/cuda/compiler.js';

const compiler = await findCudaCompiler();

const kernel = (body: string, words = '') => `${words}
__device__ constexpr short TABLE[] = {3, 1, 4, 1, 5, 9, 2, 6};
extern "C" __global__ void __launch_bounds__(256) kernel(float* y, int n) { const int i = blockIdx.x; if (i < n) y[i] = ${body}; }
`;
const PLAIN = kernel('TABLE[i % 8] * y[i]');
const TEXTS: Readonly<Record<string, string>> = {
  plain: PLAIN,
  'with a comment': kernel('TABLE[i % 8] * y[i]', '// Other words.'),
  'with another name': PLAIN.replaceAll('TABLE', 'DIGITS'),
  'with another sum': kernel('TABLE[i % 8] * y[i] + 1.0f'),
  'with another table': PLAIN.replace('{3, 1', '{3, 2'),
  'with other launch bounds': PLAIN.replace('256', '512'),
  'with clusters': PLAIN.replace('__launch_bounds__', '__cluster_dims__(2, 1, 1) __launch_bounds__'),
  'with shared memory': kernel('TABLE[i % 8] * y[i]').replace(
    'const int i',
    '__shared__ float s[32]; s[threadIdx.x] = y[0]; __syncthreads(); y[1] = s[0]; const int i',
  ),
};

describe.skipIf(!compiler)('of cubins of a CUDA compiler', () => {
  let cubins: ReadonlyMap<string, Uint8Array>;
  beforeAll(async () => {
    const made = Object.entries(TEXTS).map(async ([name, text]) => {
      const path = await compileCuda(compiler!, {
        name: name.replaceAll(' ', '_'),
        text,
        arch: 'sm_90',
      });
      return [name, readFileSync(path)] as const;
    });
    cubins = new Map(await Promise.all(made));
  }, 120_000);

  it('has the instructions, the constants and the table', () => {
    const names = [...machineCode(cubins.get('plain')!)!.keys()];
    expect(names).toEqual(expect.arrayContaining(['.text.kernel', '.nv.constant0.kernel']));
    expect(names.some((name) => name.startsWith('.nv.global'))).toBe(true);
  });

  it.each(['with a comment', 'with another name'])('is the same %s', (name) => {
    expect(isSameCode(cubins.get('plain')!, cubins.get(name)!)).toBe(true);
  });

  it.each([
    'with another sum',
    'with another table',
    'with other launch bounds',
    'with clusters',
    'with shared memory',
  ])('is another %s', (name) => {
    expect(isSameCode(cubins.get('plain')!, cubins.get(name)!)).toBe(false);
    expect(isSameCode(cubins.get(name)!, cubins.get('plain')!)).toBe(false);
  });
});

test('what is no ELF file of 64 bits has none, and is the same as nothing', () => {
  const ptx = Buffer.from('.version 8.0\n.target sm_90\n'.repeat(9));
  const short = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2]);
  expect([machineCode(ptx), machineCode(short)]).toEqual([undefined, undefined]);
  expect(isSameCode(ptx, ptx)).toBe(false);
});
