import { FILTERS, LAYOUTS, OPS, type Problem } from '../../generator/problem.js';

/** Compares rows: alike problems stand together, small before large, many angles before one. */
export function inOrder(a: { readonly problem: Problem }, b: { readonly problem: Problem }): number {
  const [left, right] = [ranks(a.problem), ranks(b.problem)];
  const differing = left.findIndex((rank, i) => rank !== right[i]);
  return differing < 0 ? 0 : left[differing]! - right[differing]!;
}

function ranks(p: Problem): readonly number[] {
  return [
    OPS.indexOf(p.op),
    LAYOUTS.indexOf(p.layout),
    p.stride,
    FILTERS.indexOf(p.filter),
    p.kernel,
    p.height,
    p.width,
    p.channels,
    p.batch,
    -p.angles.length,
    ...p.angles,
  ];
}
