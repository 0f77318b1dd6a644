import { describe, expect, it } from 'vitest';
import { foldText, guardTest, plus, tileText } from '../../../generator/families/cuda_text.js';
import { lineProgram } from '../../support/programs.js';

const FORMS = {
  type: 'float',
  zero: '0.0f',
  load: ({ dy, dx }: { dy: number; dx: number }) => `at(${dy}, ${dx})`,
  multiplyAdd: ({ output, tap }: { output: number; tap: number }) => `mad(a${output}, v, w[${tap}]);`,
  store: ({ y, x }: { y: number; x: number }, sum: string) => `put(${y}, ${x}, ${sum});`,
};

describe('tileText', () => {
  it('names each test once, where it is needed', () => {
    // Two tiles of two outputs on a line of three: the last one sticks out.
    const text = tileText(lineProgram(3, 0, 2, { height: 1, width: 3, stride: 1 }), FORMS);
    expect(text).toMatchObject({
      guards: [
        { name: 'ix_m1', condition: 'x - 1 >= 0' },
        { name: 'ix_1', condition: 'x + 1 < 3' },
        { name: 'ix_2', condition: 'x + 2 < 3' },
        { name: 'ox_1', condition: 'x + 1 < 3' },
      ],
      accumulators: 'a0 = bias, a1 = bias',
      loads: [
        { value: 'ix_m1 ? at(0, -1) : 0.0f', rows: ['mad(a0, v, w[0]);'] },
        { value: 'at(0, 0)', rows: ['mad(a1, v, w[0]);  mad(a0, v, w[1]);'] },
        { value: 'ix_1 ? at(0, 1) : 0.0f', rows: ['mad(a1, v, w[1]);  mad(a0, v, w[2]);'] },
        { value: 'ix_2 ? at(0, 2) : 0.0f', rows: ['mad(a1, v, w[2]);'] },
      ],
      puts: ['put(0, 0, a0);', 'if (ox_1) put(0, 1, a1);'],
    });
  });

  it('takes a family’s own tests', () => {
    const loadTests = () => [{ name: 'there', condition: 'rows > 0' }];
    const text = tileText(lineProgram(1, 0, 1, { height: 1, width: 1, stride: 1 }), { ...FORMS, loadTests });
    expect(text).toMatchObject({
      guards: [{ name: 'there', condition: 'rows > 0' }],
      loads: [{ value: 'there ? at(0, 0) : 0.0f' }],
    });
  });
});

it('guardTest scales the origin and leaves out what adds nothing', () => {
  const guard = { axis: 'y', offset: 0, scale: 2, size: 9, test: 'both' } as const;
  expect(guardTest(guard, 'i')).toEqual({ name: 'iy_0', condition: 'inside(y * 2, 9)', axis: 'y' });
  expect(plus('x', -3)).toBe('x - 3');
});

it('foldText gives shorter tap sets empty taps behind their last', () => {
  const plane = { height: 4, width: 4, stride: 1 };
  // Three taps; at 45 degrees truncation leaves one for all of them.
  const programs = [lineProgram(3, 0, 2, plane), lineProgram(3, 45, 2, plane)];
  const ranges = [
    { from: 0, to: 5, body: 1 },
    { from: 5, to: 6, body: 0 },
  ];
  expect(foldText(programs, ranges)).toEqual({
    biasRow: 3,
    chunkFrom: '0, 5',
    chunkTo: '5, 6',
    chunkBody: '1, 0',
    centres: '1, 0',
    firsts: ['0, 1, 2, 3', '0, 3, 3, 3'],
  });
});
