import type { Operation } from '../../generator/operations/operation.js';
import type { Layout, Problem } from '../../generator/problem.js';

/** Numbers that one step hands on to others, in memory that is planned before anything runs. */
export interface PlanBuffer {
  readonly kind: 'plan-buffer';
  readonly name: string;
  readonly elements: number;
  /** Of its map: [N,H,W,C], or planes [N,C,H,W]. */
  readonly layout: Layout;
}

/** Parameters as a step takes them: a checkpoint's, folded with what stands beside them. Read when a device asks. */
export interface Constant {
  readonly kind: 'constant';
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major; an array of the caller's own. @throws WeightsError if the file has changed */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * One thing that a device does, with what it reads and what it writes. Which kernel does it is the device's choice; which
 * element type its buffers have is the plan's.
 */
export type Step = ConvolutionStep | OperationStep;

/** A depthwise convolution of maps, both in the problem's layout: weight [C,K], or [C,K*K] of a square filter, and bias [C]. */
export interface ConvolutionStep {
  readonly kind: 'convolution';
  /** The layer, as checkpoints name it: `stages.2.5.dwconv`. */
  readonly name: string;
  /** Its batch is the plan's. */
  readonly problem: Problem;
  readonly input: PlanBuffer;
  readonly output: PlanBuffer;
  readonly weight: Constant;
  readonly bias: Constant;
  /** Whether 1 is added to the centre tap. */
  readonly resid: boolean;
}

/** Anything else: {@link Operation} says which arrays it takes. */
export interface OperationStep {
  readonly kind: 'operation';
  /** `stages.2.5.pwconv1`. */
  readonly name: string;
  readonly operation: Operation;
  /** Rows of a row operation, images of any other. */
  readonly count: number;
  readonly input: PlanBuffer;
  /** May be the input of norm and gelu, and the residual of a product. */
  readonly output: PlanBuffer;
  /** Of a product that has one. */
  readonly residual: PlanBuffer | null;
  /** Weight of a product and of a stem, scale of an affine norm. */
  readonly weight: Constant | null;
  /** Bias, or shift. */
  readonly bias: Constant | null;
}
