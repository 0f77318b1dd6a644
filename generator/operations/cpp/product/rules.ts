import type { CpuTarget } from '../../../target.js';
import type { Product } from '../../operation.js';
import type { ProductParams } from './params.js';
import { productPlan } from './plan.js';

/** A condition that parameters must meet, and the physical reason for it. */
export interface ProductRule {
  readonly id: string;
  /** What is wrong with them, or undefined if nothing is. */
  broken(op: Product, params: ProductParams, target: CpuTarget): string | undefined;
}

/** Straight-line code longer than this falls out of the cache of decoded instructions. */
const MOST_STEPS = 8;

export const PRODUCT_RULES: readonly ProductRule[] = [
  {
    id: 'switches',
    broken: (_, { ahead, touch, stage }) =>
      ahead <= 4 && touch <= 1 && stage <= 1
        ? undefined
        : `ahead is 0 to 4, touch and stage 0 or 1, not ${ahead}, ${touch} and ${stage}`,
  },
  // A sum that is not in a register costs a load and a store at each multiply-add.
  {
    id: 'registers',
    broken: (_, { tileRows, tileVectors }, { registers }) =>
      tileRows >= 1 && tileVectors >= 1 && tileRows * tileVectors + tileVectors + 1 <= registers
        ? undefined
        : `${tileRows * tileVectors} sums, ${tileVectors} vectors of weights and a number of x do not fit into ${registers} vector registers`,
  },
  {
    id: 'unroll',
    broken: (_, { unroll }) =>
      unroll >= 1 && unroll <= MOST_STEPS
        ? undefined
        : `a turn takes 1 to ${MOST_STEPS} steps, not ${unroll}`,
  },
  // A vector that lies behind the last output is computed and thrown away.
  {
    id: 'panel-width',
    broken: ({ outer }, { tileVectors }, { lanes }) =>
      (tileVectors - 1) * lanes < outer
        ? undefined
        : `a panel of ${tileVectors} vectors of ${lanes} is wider than ${outer} outputs`,
  },
  {
    id: 'unit-rows',
    broken: (_, { tileRows, unitRows }) =>
      unitRows >= tileRows ? undefined : `a unit of ${unitRows} rows has none of the tiles of ${tileRows}`,
  },
  {
    id: 'unit-panels',
    broken: (op, params, target) => {
      const { panels } = productPlan(op, params, target);
      return params.unitPanels >= 1 && params.unitPanels <= panels
        ? undefined
        : `a unit has 1 to ${panels} panels, not ${params.unitPanels}`;
    },
  },
  // Only a copy can be normalised, or have zeros behind its end.
  {
    id: 'stage',
    broken: ({ inner, normalize }, { unroll, stage }) =>
      stage === 1 || (!normalize && inner % unroll === 0)
        ? undefined
        : `rows of ${inner} that are ${normalize ? 'normalised' : `read ${unroll} numbers a turn`} must be staged`,
  },
  // Staged rows that fall out of the caches are read back from the memory that they were meant to save.
  {
    id: 'slab',
    broken: (op, params, target) => {
      const bytes = 4 * params.unitRows * productPlan(op, params, target).pitch;
      return params.stage === 0 || bytes <= target.slabBytes
        ? undefined
        : `${params.unitRows} staged rows take ${bytes} bytes, more than the ${target.slabBytes} that caches hold`;
    },
  },
];
