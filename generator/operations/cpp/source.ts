import { ProblemError } from '../../errors.js';
import type { CpuTarget } from '../../target.js';
import { type Operation, operationName, planesOf } from '../operation.js';
import { geluText } from './gelu.js';
import { normText } from './norm.js';
import { patchesText } from './patches.js';
import { poolText } from './pool.js';
import { defaultProductSchedule } from './product/default.js';
import { productText } from './product/emit.js';
import { stemText } from './stem.js';

/** An operation's kernel: what is compiled. */
export interface OperationSource {
  readonly kind: 'operation-source';
  /** The operation's, and the symbol of the table that it exports, an `O1dOperation` of runtime/native/oriented1d_kernel.h. */
  readonly name: string;
  readonly text: string;
}

/** Emits the kernel of an operation. The same operation gives the same text. @throws ProblemError for one of planes */
export function operationSource(op: Operation, target: CpuTarget): OperationSource {
  const name = operationName(op);
  if (planesOf(op)) throw ofPlanes(name);
  return Object.freeze({ kind: 'operation-source', name, text: textOf(op, target, name) });
}

function textOf(op: Operation, target: CpuTarget, symbol: string): string {
  switch (op.kind) {
    case 'norm':
      return normText(op, target, symbol);
    case 'gelu':
      return geluText(op, target, symbol);
    case 'patches':
      return patchesText(op, target, symbol);
    case 'stem':
      return stemText(op, target, symbol);
    case 'pool':
      return poolText(op, target, symbol);
    case 'product':
      return productText(defaultProductSchedule(op, target), symbol);
    default:
      return op satisfies never;
  }
}

function ofPlanes(name: string): ProblemError {
  return new ProblemError({
    code: 'operation-planes',
    value: name,
    rule: 'on a CPU, norms and products read and write maps [N,H,W,C], not planes',
    remedy: 'plan the network for the CPU',
  });
}
