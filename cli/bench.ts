import { type Command, Option } from 'commander';
import type { LayerResult } from '../bench/layers.js';
import { PEER_NAMES, type PeerName } from '../bench/table5/peers.js';
import { type Extent, type Op, PAPER_ANGLES, type Problem, problem } from '../generator/problem.js';
import type { KernelOrigin } from '../runtime/kernel_choice.js';
import { PRESET_NAMES } from '../tuner/presets.js';
import { writeJsonAside } from './atomic.js';
import { openBenched } from './bench_device.js';
import { timeLayers } from './bench_layers.js';
import { addBenchModelOptions, type BenchModelOptions } from './bench_model_options.js';
import { benchModels } from './bench_models.js';
import { layerPeer, peerList } from './bench_peers.js';
import { provenance } from './bench_provenance.js';
import { benchTable } from './bench_table.js';
import { benchTable5 } from './bench_table5.js';
import { assertUsed, BENCHES, type Bench } from './bench_uses.js';
import type { CliCommand, Outcome } from './command.js';
import { type Directions, directionsOption, inDirections } from './directions.js';
import { CliError } from './errors.js';
import { assertBudgetUsed, layerKernels } from './layer_kernels.js';
import { namedProblems } from './named_problems.js';
import { assertOutputs } from './output.js';
import { isProblemFile } from './problem_file.js';
import { assertPresetsAlone, distinct, problemOption } from './problem_options.js';
import { DEFAULT_DB } from './store_option.js';
import type { Ui } from './ui.js';
import { duration, type KernelSize, kernelSize, whole } from './values.js';

/** What commander makes of the options of `bench`. */
export interface BenchOptions extends BenchModelOptions {
  readonly op?: Op;
  readonly target: string;
  readonly size?: Extent;
  readonly stride?: number;
  readonly kernels?: readonly KernelSize[];
  readonly layout?: Problem['layout'];
  readonly batch?: number;
  readonly channels?: number;
  readonly directions?: Directions;
  /** Nothing is tuned. */
  readonly known?: true;
  readonly warm?: true;
  readonly threads?: number;
  readonly db?: string;
  /** Seconds. */
  readonly budget?: number;
  readonly peers?: readonly PeerName[];
  readonly asPublished?: true;
  readonly save?: string;
  readonly report?: string;
}

/**
 * `oriented1d bench layers`: layers beside the copy and PyTorch; `bench table5`: the paper's Table 5 measured again;
 * `bench models`: whole networks.
 */
export const bench: CliCommand<BenchOptions> = {
  define(command: Command): void {
    command
      .argument('<what>', 'layers, table5 or models')
      .argument(
        '[presets...]',
        `instead of the layers that the options describe: ${PRESET_NAMES.join(', ')}, or a file of problems, problems.json, whose own op and batch stay`,
      )
      .addOption(problemOption.op())
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
      .addOption(problemOption.size())
      .addOption(problemOption.stride())
      .addOption(
        new Option(
          '--kernels <list>',
          'kernel lengths, or KxK for square filters; 7,31 unless given',
        ).argParser((text) => text.split(',').map(kernelSize)),
      )
      .addOption(problemOption.layout())
      .option(
        '--batch <N>',
        'images in a batch, 4 unless given; of table5 64 on a GPU and 1 on a CPU',
        whole('the batch'),
      )
      .option('--channels <C>', 'channels, 512 unless given', whole('the number of channels'))
      .addOption(
        directionsOption(
          "the paper's eight angles each alone (unless given), together in one layer, or both; table5 takes none, and has both",
        ),
      )
      .option(
        '--known',
        'kernels without tuning: winners of --db if it is there, else published ones, else those of the nearest layer, or the cheapest by cost',
      )
      .option('--warm', 'one set of arrays, which stay in the caches, instead of sets in rotation')
      .option('--threads <count>', 'threads of a CPU, 1 unless given', whole('the number of threads'))
      .option('--db <file>', `the database of all trials, ${DEFAULT_DB} unless given`)
      .addOption(
        new Option(
          '--budget <time>',
          'time for tuning what is not tuned yet, 80s unless given; table5 tunes nothing, and takes 4m in all on a GPU and 90s on a CPU',
        ).argParser(duration),
      )
      .addOption(
        new Option(
          '--peers <list>',
          `what to measure beside us: torch (unless given) or none; of table5 ${PEER_NAMES.join(', ')}`,
        ).argParser(peerList),
      )
      .option('--as-published', "table5 at the published script's angles, which are other directions")
      .option('--save <file.json>', 'write the results with their provenance')
      .option('--report <file.html>', 'write a page of table5')
      .addHelpText(
        'after',
        '\nExamples:\n  oriented1d bench layers --save results.json\n  oriented1d bench layers table5 --target cuda --batch 64 --directions both\n  oriented1d bench layers table5 --op backward --batch 1 --directions together\n  oriented1d bench layers problems.json --directions together\n  oriented1d bench layers --known --target cuda --op backward --kernels 31 --batch 64\n  oriented1d bench table5 --target cuda --save table5.json --report table5.html\n  oriented1d bench models --models tiny --target cuda --products tf32',
      );
    addBenchModelOptions(command);
  },

  async run(options, ui, [what, ...presets]): Promise<Outcome> {
    const bench = named(what);
    assertUsed(bench, options, presets);
    switch (bench) {
      case 'layers':
        return benchLayers(options, ui, presets);
      case 'table5':
        return benchTable5(options, ui);
      case 'models':
        return benchModels(options, ui);
      default:
        return bench satisfies never;
    }
  },
};

async function benchLayers(options: BenchOptions, ui: Ui, presets: readonly string[]): Promise<Outcome> {
  const peers = layerPeer(options.peers);
  assertBudgetUsed(options);
  const { db = DEFAULT_DB } = options;
  if (options.save !== undefined) await assertOutputs([options.save], [db, ...presets.filter(isProblemFile)]);
  const device = openBenched(options);
  const chosen = await layerKernels(benched(options, presets, ui), options, device, ui);
  if ('interrupted' in chosen) return { document: { interrupted: true }, text: '', exit: chosen.interrupted };
  const cache = options.warm ? 'warm' : 'cold';
  const origins = new Map(chosen.kernels.map(({ contestant, origin }) => [contestant, origin]));
  const { results, torch, clocks } = await timeLayers(device, [...origins.keys()], { peers, cache }, ui);
  const document = {
    provenance: { ...(await provenance(device, torch)), cache, ...(clocks && { clocks }) },
    results: results.map((result) => plain(result, origins.get(result.contestant)!)),
  };
  if (options.save !== undefined) await writeJsonAside(options.save, document);
  return { document, text: benchTable(results, ui) };
}

function benched(options: BenchOptions, presets: readonly string[], ui: Ui): readonly Problem[] {
  const { directions = 'alone', batch = 4, op } = options;
  if (presets.length > 0) assertPresetsAlone(options, ['size', 'stride', 'kernels', 'layout', 'channels']);
  const layers =
    presets.length > 0
      ? namedProblems(presets, { batch, op }, { op, batch: options.batch, note: (line) => ui.note(line) })
      : described(options);
  return distinct(inDirections(layers, directions));
}

function described({
  op = 'fprop',
  size = { height: 56, width: 56 },
  stride = 1,
  layout = 'nhwc',
  kernels = LENGTHS,
  batch = 4,
  channels = 512,
}: BenchOptions): readonly Problem[] {
  return kernels.map(({ filter, kernel }) => {
    const angles = filter === 'square' ? [] : PAPER_ANGLES;
    return problem({ op, ...size, stride, layout, filter, kernel, angles, batch, channels });
  });
}

const LENGTHS: readonly KernelSize[] = [7, 31].map((kernel) => ({ filter: 'line', kernel }));

function plain({ contestant, ...times }: LayerResult, origin: KernelOrigin): object {
  const { kernel, problem } = contestant;
  return { op: problem.op, kernel, origin, batch: problem.batch, ...times };
}

/** @throws CliError unless it is the name of one */
function named(what: string | undefined): Bench {
  const bench = BENCHES.find((name) => name === what);
  if (bench !== undefined) return bench;
  throw new CliError({
    code: 'bench-unknown',
    value: what,
    rule: 'what is benched is one of layers, table5 and models',
    remedy: 'use oriented1d bench layers',
  });
}
