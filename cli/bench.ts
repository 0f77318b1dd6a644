import { type Command, Option } from 'commander';
import { launchNanoseconds } from '../bench/launch.js';
import {
  BENCH_ROUNDS,
  benchLayers,
  type Contestant,
  type LayerResult,
  type LayerResults,
  type Timing,
} from '../bench/layers.js';
import { TORCH_REMEDY, TorchPeer } from '../bench/peer.js';
import { problemName, splitKernelName } from '../generator/name.js';
import { VERSION } from '../generator/package.js';
import { type Extent, PAPER_ANGLES, type Problem, problem } from '../generator/problem.js';
import { parseKernelName } from '../generator/schedule.js';
import { source } from '../generator/source.js';
import { compile, compilerFlags, findCompiler } from '../runtime/compiler.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { machine } from '../runtime/machine.js';
import { assertWritable, writeAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { openDevice } from './device.js';
import { CliError } from './errors.js';
import { problemOption } from './problem_options.js';
import { DEFAULT_DB } from './store_option.js';
import { runTuning, type Tuned } from './tuning.js';
import type { Ui } from './ui.js';
import { duration, kernel, whole } from './values.js';

interface BenchOptions {
  readonly target: string;
  readonly size: Extent;
  readonly kernels: readonly number[];
  readonly layout: Problem['layout'];
  readonly batch: number;
  readonly channels: number;
  readonly threads: number;
  readonly db: string;
  readonly budget: number;
  readonly peers: string;
  readonly save?: string;
}

/** `oriented1d bench layers`: each of the paper's angles alone, beside the copy and PyTorch. */
export const bench: CliCommand<BenchOptions> = {
  define(command: Command): void {
    command
      .argument('<what>', 'layers')
      .option('--target <target>', 'cpu, or cpu:avx512, cpu:avx2, cpu:plain', 'cpu')
      .addOption(problemOption.size().default({ height: 56, width: 56 }, '56x56'))
      .addOption(
        new Option('--kernels <list>', 'kernel lengths')
          .argParser((text) => text.split(',').map(kernel))
          .default([7, 31], '7,31'),
      )
      .addOption(problemOption.layout().default('nhwc'))
      .option('--batch <N>', 'images in a batch', whole('the batch'), 4)
      .option('--channels <C>', 'channels', whole('the number of channels'), 512)
      .option('--threads <count>', 'threads', whole('the number of threads'), 1)
      .option('--db <file>', 'the database of all trials', DEFAULT_DB)
      .addOption(
        new Option('--budget <time>', 'time for tuning what is not tuned yet')
          .argParser(duration)
          .default(80, '80s'),
      )
      .addOption(
        new Option('--peers <list>', 'what to measure beside us').choices(['torch', 'none']).default('torch'),
      )
      .option('--save <file.json>', 'write the results with their provenance')
      .addHelpText('after', '\nExample:\n  oriented1d bench layers --threads 1 --save results.json');
  },

  async run(options, ui, [what]): Promise<Outcome> {
    if (what !== 'layers') throw unknown(what);
    if (options.save !== undefined) await assertWritable(options.save);
    const device = openDevice(options.target, options.threads);
    const problems = options.kernels.flatMap((length) => anglesAlone(options, length));
    const tuned = await runTuning(problems, { ...options, search: 'exhaustive', seed: 1, more: false }, ui);
    if (tuned.interrupted) return { document: { interrupted: true }, text: 'interrupted', exit: 1 };
    const contestants = await Promise.all(problems.map((one) => contestant(one, tuned, device)));
    const peer = options.peers === 'torch' ? await TorchPeer.open() : undefined;
    if (options.peers === 'torch' && !peer) ui.note(`PyTorch is missing: ${TORCH_REMEDY}`);
    const progress = ui.progress('timing', BENCH_ROUNDS);
    try {
      const results = await benchLayers(device, contestants, peer, () => progress.step());
      const launch = await launchNanoseconds(device);
      const document = {
        provenance: { ...(await provenance(device, peer?.version ?? null)), launchNanoseconds: launch },
        results: results.layers.map((layer) => plain(layer, results.copy)),
      };
      if (options.save !== undefined)
        await writeAside(options.save, `${JSON.stringify(document, null, 2)}\n`);
      return { document, text: `${table(results, ui)}\na launch of nothing takes ${launch.toFixed(0)} ns` };
    } finally {
      progress.stop();
      peer?.close();
    }
  },
};

function anglesAlone({ size, layout, batch, channels }: BenchOptions, kernel: number): readonly Problem[] {
  return PAPER_ANGLES.map((angle) => problem({ ...size, layout, kernel, angles: [angle], batch, channels }));
}

/** The tuned kernel of a problem, compiled. */
async function contestant(one: Problem, { results }: Tuned, { target }: CpuDevice): Promise<Contestant> {
  const winner = results.find((result) => result.problem === one)?.winner;
  if (!winner)
    throw new CliError({
      code: 'no-winner',
      value: problemName(one),
      rule: 'no kernel of this problem passed its trial',
      remedy: 'give the tuning more --budget',
    });
  const compiler = (await findCompiler())!;
  const { text, name } = source(parseKernelName(winner.trial.kernel, target));
  const path = await compile(compiler, { name, text, flags: compilerFlags(compiler, target.isa) });
  return { problem: one, kernel: name, path };
}

async function provenance({ threads }: CpuDevice, torch: string | null): Promise<object> {
  const compiler = await findCompiler();
  return {
    version: VERSION,
    measured: new Date().toISOString(),
    machine: machine(),
    compiler: compiler?.version,
    torch,
    threads,
    unit: 'microseconds of the whole batch, medians of rounds that hold one sample of each in a shuffled order',
  };
}

function plain({ contestant, ...times }: LayerResult, copy: Timing): object {
  return { kernel: contestant.kernel, batch: contestant.problem.batch, ...times, copy };
}

function table({ layers, copy }: LayerResults, ui: Ui): string {
  const fastest = (length: number) =>
    Math.min(...layers.filter((r) => r.contestant.problem.kernel === length).map((r) => r.ours.median));
  const rows = layers.map(({ contestant: { problem: one, kernel: name }, ours, torch, gigaMultiplyAdds }) => [
    `K=${one.kernel}`,
    `${one.angles[0]}°`,
    microseconds(ours),
    gigaMultiplyAdds.toFixed(1),
    `${(ours.median / copy.median).toFixed(2)} x`,
    `${(ours.median / fastest(one.kernel)).toFixed(2)} x`,
    torch ? microseconds(torch) : 'missing',
    torch ? `${(torch.median / ours.median).toFixed(2)} x` : '-',
    splitKernelName(name).schedule,
  ]);
  const head = ['', 'angle', 'ours', 'GFMA/s', 'to copy', 'to best angle', 'torch 1xK', 'faster', 'schedule'];
  return `${ui.table(head, rows)}\nthe copy takes ${microseconds(copy)}`;
}

function microseconds({ median, spread }: Timing): string {
  return `${median.toFixed(0)} us +-${(100 * spread).toFixed(0)} %`;
}

function unknown(what: string | undefined): CliError {
  return new CliError({
    code: 'bench-unknown',
    value: what,
    rule: 'what is benched is one of layers',
    remedy: 'use oriented1d bench layers',
  });
}
