import type { LaunchPlan } from '../../generator/launch.js';
import type { Isa } from '../../generator/target.js';
import type { ClockRange } from '../measure/clock_range.js';
import type { Measurement } from '../measure/measurement.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { LoadedResources } from '../resources.js';

/** The device that a worker makes its trials on. */
export type Place = { readonly kind: 'cpu'; readonly isa: Isa; readonly threads: number } | CudaPlace;

export interface CudaPlace {
  readonly kind: 'cuda';
  /** Its number. */
  readonly device: number;
  /** File of the kernel that inspects outputs. */
  readonly inspection: string;
}

/** What a worker is told once: it makes the inputs and the reference, and keeps them for all its trials. */
export interface Setup {
  readonly kind: 'setup';
  /** The problem's name. */
  readonly problem: string;
  readonly place: Place;
  readonly seed: number;
}

/** A kernel in a file. */
export interface Subject {
  readonly kernel: string;
  readonly path: string;
  /** Of a CUDA kernel. */
  readonly launch?: LaunchPlan;
}

export interface TrialRequest {
  readonly kind: 'trial';
  readonly subject: Subject;
  readonly stopping: StoppingRule;
}

/** Times kernels that have passed their trials, and the copy, in turn. */
export interface FinalRequest {
  readonly kind: 'final';
  readonly subjects: readonly Subject[];
  /** The place of the one that stays in to the end, as the default does. */
  readonly incumbent?: number | undefined;
  readonly stopping: StoppingRule;
}

export type Request = Setup | TrialRequest | FinalRequest;

export interface Final {
  readonly kind: 'final';
  /** In the order of the subjects; one that was beaten has samples of the first rounds only. */
  readonly measurements: readonly Measurement[];
  /** What the driver tells of each, in their order; undefined on a CPU. */
  readonly resources: readonly (LoadedResources | undefined)[];
  /** Of a copy that moves as many bytes as the problem must (its floorBytes), half of them read and half written. */
  readonly copy: Measurement;
  /** Rounds that were disturbed, and so made again. */
  readonly retaken: number;
  /** Of a GPU whose driver tells. */
  readonly clocks?: ClockRange | undefined;
}

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | Final
  /** A final in which a kernel could not be used. */
  | Failure
  /** The worker itself failed, not a kernel. */
  | { readonly kind: 'broken'; readonly reason: string };
