import { expect, it } from 'vitest';
import { hasSeats } from '../../../generator/families/seat.js';
import { lineProgram, rowProgram } from '../../support/programs.js';

const PLANE = { height: 14, width: 14 };
const steep = lineProgram(31, 67.5, 7, { ...PLANE, stride: 1 });
const shallow = lineProgram(31, 22.5, 7, { ...PLANE, stride: 1 });
/** As many threads as lines of the step's planes, and two tiles a line. */
const DEALT = { along: 2, across: 16, threads: 128, planes: 8, band: 0 };

it('seats a thread for each line of a step', () => {
  expect(hasSeats(steep, DEALT)).toBe(true);
  expect(hasSeats(steep, { ...DEALT, along: 1 })).toBe(true);
  expect(hasSeats(steep, { ...DEALT, threads: 160 })).toBe(true);
});

it('deals tiles out where a block has fewer threads than lines, or a line more than two tiles', () => {
  expect(hasSeats(steep, { ...DEALT, threads: 127 })).toBe(false);
  expect(hasSeats(steep, { ...DEALT, along: 3 })).toBe(false);
});

it('deals tiles out where that takes fewer rounds', () => {
  // 256 tiles: two rounds of 255 threads, one of 256.
  expect(hasSeats(steep, { ...DEALT, threads: 255 })).toBe(true);
  expect(hasSeats(steep, { ...DEALT, threads: 256 })).toBe(false);
});

it('deals out the tiles of shallow lines, of whole rows and of bands', () => {
  expect(hasSeats(shallow, DEALT)).toBe(false);
  expect(hasSeats(rowProgram(31, 0, { height: 28, width: 28 }), DEALT)).toBe(false);
  expect(hasSeats(steep, { ...DEALT, band: 7 })).toBe(false);
});
