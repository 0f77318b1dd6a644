import type { CliCommand } from './command.js';

/** A command by its name. Its module is loaded when it is called, since some bring a lot along. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<CliCommand>;
}

/** Every command, in the order that --help lists them. To add one: its file, and its entry here. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'doctor',
    summary: 'look at this machine: what kernels need is there or not, and how to get it',
    load: async () => (await import('./doctor.js')).doctor,
  },
  {
    name: 'taps',
    summary: 'show which pixels a kernel of K taps reads at an angle',
    load: async () => (await import('./taps.js')).taps,
  },
  {
    name: 'generate',
    summary: 'write the kernel of a problem, or list all that could be generated for it',
    load: async () => (await import('./generate.js')).generate,
  },
  {
    name: 'tune',
    summary: 'search for the fastest kernels of problems, and remember every trial',
    load: async () => (await import('./tune.js')).tune,
  },
  {
    name: 'library',
    summary: 'list, verify, publish, export and import what tuning has found',
    load: async () => (await import('./library.js')).library,
  },
  {
    name: 'conv',
    summary: 'convolve an array with oriented kernels, from .npy to .npy',
    load: async () => (await import('./conv.js')).conv,
  },
  {
    name: 'filter',
    summary: 'smooth a picture along each direction, into a contact sheet',
    load: async () => (await import('./filter.js')).filter,
  },
  {
    name: 'classify',
    summary: 'say what a network takes images for',
    load: async () => (await import('./classify.js')).classify,
  },
  {
    name: 'eval',
    summary: 'measure how well a network classifies a folder of images',
    load: async () => (await import('./eval.js')).evalCommand,
  },
  {
    name: 'features',
    summary: "write what a network's four stages make of images",
    load: async () => (await import('./features.js')).features,
  },
  {
    name: 'convert',
    summary: "crop a classifier's kernels to those of a backbone for dense tasks",
    load: async () => (await import('./convert.js')).convert,
  },
  {
    name: 'profile',
    summary: 'time a network step by step, beside a copy of as many bytes',
    load: async () => (await import('./profile.js')).profile,
  },
  {
    name: 'bench',
    summary: 'time tuned layers beside a copy and PyTorch',
    load: async () => (await import('./bench.js')).bench,
  },
  {
    name: 'demo',
    summary: "tune the paper's layers and filter a photograph with the library that comes of it",
    load: async () => (await import('./demo.js')).demo,
  },
];
