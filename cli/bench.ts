import { type Command, Option } from 'commander';
import type { LayerResult } from '../bench/layers.js';
import { type Extent, type Op, PAPER_ANGLES, type Problem, problem } from '../generator/problem.js';
import { PRESET_NAMES, preset } from '../tuner/presets.js';
import { DEFAULT_SEARCH } from '../tuner/search/registry.js';
import { writeAside } from './atomic.js';
import { contestants } from './bench_kernels.js';
import { type PeerName, timeLayers } from './bench_layers.js';
import { provenance } from './bench_provenance.js';
import { benchTable } from './bench_table.js';
import type { CliCommand, Outcome } from './command.js';
import { type Device, openDevice } from './device.js';
import { CliError } from './errors.js';
import { assertOutputs } from './output.js';
import { assertPresetsAlone, computedProblems, distinct, problemOption } from './problem_options.js';
import { DEFAULT_DB } from './store_option.js';
import { assertTunable } from './tunable.js';
import { runTuning } from './tuning.js';
import { duration, kernel, whole } from './values.js';

const DIRECTIONS = ['alone', 'together', 'both'] as const;

interface BenchOptions {
  readonly op?: Op;
  readonly target: string;
  readonly size?: Extent;
  readonly stride?: number;
  readonly kernels?: readonly number[];
  readonly layout?: Problem['layout'];
  readonly batch: number;
  readonly channels?: number;
  readonly directions: (typeof DIRECTIONS)[number];
  readonly warm?: true;
  readonly threads?: number;
  readonly db: string;
  readonly budget: number;
  readonly peers: PeerName;
  readonly save?: string;
}

/** `oriented1d bench layers`: layers beside the copy and PyTorch. */
export const bench: CliCommand<BenchOptions> = {
  define(command: Command): void {
    command
      .argument('<what>', 'layers')
      .argument('[presets...]', `instead of the layers that the options describe: ${PRESET_NAMES.join(', ')}`)
      .addOption(problemOption.op())
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
      .addOption(problemOption.size())
      .addOption(problemOption.stride())
      .addOption(
        new Option('--kernels <list>', 'kernel lengths, 7,31 unless given').argParser((text) =>
          text.split(',').map(kernel),
        ),
      )
      .addOption(problemOption.layout())
      .option('--batch <N>', 'images in a batch', whole('the batch'), 4)
      .option('--channels <C>', 'channels, 512 unless given', whole('the number of channels'))
      .addOption(
        new Option(
          '--directions <which>',
          "the paper's eight angles each alone, together in one layer, or both",
        )
          .choices(DIRECTIONS)
          .default('alone'),
      )
      .option('--warm', 'one set of arrays, which stay in the caches, instead of sets in rotation')
      .option('--threads <count>', 'threads of a CPU, 1 unless given', whole('the number of threads'))
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
      .addHelpText(
        'after',
        '\nExamples:\n  oriented1d bench layers --save results.json\n  oriented1d bench layers table5 --target cuda --batch 64 --directions both\n  oriented1d bench layers table5 --op backward --batch 1 --directions together',
      );
  },

  async run(options, ui, [what, ...presets]): Promise<Outcome> {
    if (what !== 'layers') throw unknown(what);
    if (options.save !== undefined) await assertOutputs([options.save], [options.db]);
    const device = openBenched(options);
    const problems = benched(options, presets);
    const computed = computedProblems(problems, ui);
    assertTunable(computed, device.target);
    const tuned = await runTuning(computed, { ...options, ...threadsOf(device), ...TUNING }, ui);
    if (tuned.interrupted) return { document: { interrupted: true }, text: 'interrupted', exit: 1 };
    const cache = options.warm ? 'warm' : 'cold';
    const kernels = await contestants(problems, tuned, device);
    const { results, torch } = await timeLayers(device, kernels, { peers: options.peers, cache }, ui);
    const document = {
      provenance: { ...(await provenance(device, torch)), cache },
      results: results.map(plain),
    };
    if (options.save !== undefined) await writeAside(options.save, `${JSON.stringify(document, null, 2)}\n`);
    return { document, text: benchTable(results, ui) };
  },
};

const TUNING = { search: DEFAULT_SEARCH, seed: 1, more: false } as const;

/** A CPU with one thread unless told otherwise. */
function openBenched({ target, threads }: BenchOptions): Device {
  return openDevice(target, threads ?? (target.startsWith('cpu') ? 1 : undefined));
}

function threadsOf(device: Device): { readonly threads?: number } {
  return device.kind === 'cpu' ? { threads: device.threads } : {};
}

function benched(options: BenchOptions, presets: readonly string[]): readonly Problem[] {
  const { directions, batch, op } = options;
  if (presets.length > 0) assertPresetsAlone(options, ['size', 'stride', 'kernels', 'layout', 'channels']);
  const layers =
    presets.length > 0 ? presets.flatMap((name) => preset(name, batch, { op })) : described(options);
  return distinct([
    ...(directions === 'alone' ? [] : layers),
    ...(directions === 'together' ? [] : layers.flatMap(anglesAlone)),
  ]);
}

function described({
  op = 'fprop',
  size = { height: 56, width: 56 },
  stride = 1,
  layout = 'nhwc',
  kernels = [7, 31],
  batch,
  channels = 512,
}: BenchOptions): readonly Problem[] {
  return kernels.map((length) =>
    problem({ op, ...size, stride, layout, kernel: length, angles: PAPER_ANGLES, batch, channels }),
  );
}

function anglesAlone(layer: Problem): readonly Problem[] {
  return layer.angles.map((angle) => problem({ ...layer, angles: [angle] }));
}

function plain({ contestant, ...times }: LayerResult): object {
  const { kernel, problem } = contestant;
  return { op: problem.op, kernel, batch: problem.batch, ...times };
}

function unknown(what: string | undefined): CliError {
  return new CliError({
    code: 'bench-unknown',
    value: what,
    rule: 'what is benched is one of layers',
    remedy: 'use oriented1d bench layers',
  });
}
