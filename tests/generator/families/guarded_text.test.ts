import { describe, expect, it } from 'vitest';
import { type GuardedLoad, guardedGroups } from '../../../generator/families/guarded_text.js';
import { render } from '../../../generator/template.js';

const near = { name: 'iy_1', condition: 'y + 1 < 8', axis: 'y' } as const;
const far = { name: 'ix_m4', condition: 'x - 4 >= 0', axis: 'x' } as const;

function load(read: string, uses: number, ...tests: GuardedLoad['tests']): GuardedLoad {
  return { tests, read, uses: Array.from({ length: uses }, (_, i) => `${read}${i};`) };
}

/** What a template prints of them. */
function text(loads: readonly GuardedLoad[], uniform?: 'y' | 'x'): string {
  return render('cuda/partials/guarded_loads.hbs', { groups: guardedGroups(loads, '0', uniform) });
}

describe('guarded loads', () => {
  it('stand behind a test that they share, and select zero where one has it alone', () => {
    expect(text([load('a', 1, near, far), load('b', 2, near, far), load('c', 1, near), load('d', 1)])).toBe(`\
if (iy_1 && ix_m4) {
  v = a;
  a0;
}
apart();
if (iy_1 && ix_m4) {
  v = b;
  b0;  b1;
}
v = iy_1 ? c : 0;
c0;
v = d;
d0;
`);
  });

  it('are runs behind the test of the axis on which a warp has one place', () => {
    expect(text([load('a', 1, far), load('b', 1, near, far), load('c', 1), load('d', 1, near)], 'x')).toBe(`\
if (ix_m4) {
  v = a;
  a0;
  v = iy_1 ? b : 0;
  b0;
}
v = c;
c0;
v = iy_1 ? d : 0;
d0;
`);
  });

  it('select zero where a condition would be long', () => {
    expect(text([load('a', 8, near), load('b', 1, near)])).toBe(`\
v = iy_1 ? a : 0;
a0;  a1;  a2;  a3;
a4;  a5;  a6;  a7;
if (iy_1) {
  v = b;
  b0;
}
`);
  });
});
