import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Command, Option } from 'commander';
import { PAPER_ANGLES, type Problem } from '../generator/problem.js';
import type { KernelLibrary } from '../runtime/library.js';
import { openLibrary } from '../runtime/open_library.js';
import { preset } from '../tuner/presets.js';
import { DEFAULT_SEARCH } from '../tuner/search/registry.js';
import { assertWritable, ensureFolder, writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { described, openDevice } from './device.js';
import { drawSheet, readPhotograph } from './filtering.js';
import { assertPublishing, publishWinners } from './publishing.js';
import { assertTunable } from './tunable.js';
import { tunedDocument, tuneTable } from './tune_table.js';
import { runTuning } from './tuning.js';
import { duration, whole } from './values.js';
import { counted } from './words.js';

interface DemoOptions {
  readonly out: string;
  /** Seconds. */
  readonly budget: number;
  readonly batch: number;
}

const KERNEL = 31;

/** `oriented1d demo`: the whole line of work at a small size, from templates to a filtered photograph. */
export const demo: CliCommand<DemoOptions> = {
  define(command: Command): void {
    command
      .option('--out <dir>', 'where everything goes', 'out')
      .addOption(new Option('--budget <time>', 'time for the tuning').argParser(duration).default(50, '50s'))
      .option('--batch <N>', 'images in a batch', whole('the batch'), 1);
  },

  async run({ out, budget, batch }, ui) {
    ensureFolder(out);
    const places = {
      database: join(out, 'oriented1d.db'),
      library: join(out, 'library'),
      photograph: join(out, 'photograph.png'),
      sheet: join(out, 'sheet.png'),
    };
    assertPublishing(places.database, places.library);
    await assertWritable(places.sheet);
    await writeAside(places.photograph, examplePhotograph());
    const photograph = await readPhotograph(places.photograph, KERNEL, PAPER_ANGLES);

    ui.note(
      "Table 5's forward layers at a small batch, and the photograph's: generated, built, checked, timed",
    );
    const problems = [...layers(batch), photograph.problem];
    assertTunable(problems, openDevice('cpu').target);
    const settings = { target: 'cpu', db: places.database, search: DEFAULT_SEARCH, seed: 1, more: false };
    const tuned = await runTuning(problems, { ...settings, budget }, ui);
    const { interrupted } = tuned;
    if (interrupted) return { document: tunedDocument(tuned), text: tuneTable(tuned, ui), exit: interrupted };

    const { kernels } = await publishWinners(places.database, places.library);
    const device = openDevice('cpu');
    const library = await importLibrary(places.library);
    const convolution = await device.load(photograph.problem, { library });
    await drawSheet(photograph, convolution, places.sheet);

    const where = (path: string) => relative('.', path) || '.';
    return {
      document: { ...tunedDocument(tuned), kernels, origin: convolution.origin, places },
      text: [
        tuneTable(tuned, ui),
        '',
        `trials      ${where(places.database)}: every one, with its samples and where they come from`,
        `library     ${where(places.library)}: ${counted(kernels, 'kernel')} to read and to import`,
        `photograph  ${where(places.sheet)}: eight directions, by`,
        `            ${described(convolution.origin, device)}`,
      ].join('\n'),
    };
  },
};

/** Table 5's in one layout: compilers take most of the time, and half as many layers get twice as many trials. */
export function layers(batch: number): readonly Problem[] {
  return preset('table5', batch).filter(({ layout }) => layout === 'nhwc');
}

/** As a program does it. Where the package cannot be found from that folder, by the manifest. */
async function importLibrary(folder: string): Promise<KernelLibrary> {
  try {
    const index = (await import(pathToFileURL(join(folder, 'index.js')).href)) as { library: KernelLibrary };
    return index.library;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return openLibrary(folder);
  }
}

/** A mandrill's face, by way of npm. */
function examplePhotograph(): Buffer {
  const uri = createRequire(import.meta.url)('baboon-image-uri') as string;
  return Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
}
