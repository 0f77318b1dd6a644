import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withMoreThreads } from '../../cli/more_threads.js';
import { putScript } from '../support/fake_toolkit.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const machine = vi.hoisted(() => ({ cores: 12 }));
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => machine.cores,
}));

const endWithParent = vi.hoisted(() => vi.fn());
vi.mock('../../runtime/addon.js', () => ({ addon: () => ({ endWithParent }) }));

const [NODE, FLAGS] = [process.execPath, [...process.execArgv]];

/** A node that ends with what its script's name says, unless it lacks threads or arguments. */
function nodeThat(ends: string): void {
  const folder = temporaryFolder();
  const given = '$UV_THREADPOOL_SIZE $ORIENTED1D_STARTER $4 $5';
  putScript(folder, 'node', `[ "${given}" = '12 ${process.pid} eval val' ] || exit 99\n${ends}`);
  process.execPath = join(folder, 'node');
}

beforeEach(() => {
  machine.cores = 12;
  vi.stubEnv('UV_THREADPOOL_SIZE', undefined);
  process.execArgv.splice(0, process.execArgv.length, '--one', '--two');
});
afterEach(() => {
  process.execPath = NODE;
  process.execArgv.splice(0, process.execArgv.length, ...FLAGS);
});

it.each([
  ['exit 0', 0],
  ['exit 2', 2],
  ['kill -TERM $$', 143],
])(
  'starts a command that loads pictures again, with a thread for each core, and ends as that does: %s',
  async (ends, exit) => {
    nodeThat(ends);
    expect(await withMoreThreads(['eval', 'val'])).toBe(exit);
  },
);

it('does not where there is no need', async () => {
  nodeThat('exit 98');
  expect(await withMoreThreads(['classify', 'eval.png'])).toBeUndefined();
  expect(await withMoreThreads(['eval', '--help'])).toBeUndefined();
  machine.cores = 4;
  expect(await withMoreThreads(['eval', 'val'])).toBeUndefined();
  machine.cores = 12;
  vi.stubEnv('UV_THREADPOOL_SIZE', '6');
  expect(await withMoreThreads(['--json', 'eval', 'val'])).toBeUndefined();
});

it('is killed when the one that started it ends', async () => {
  expect(endWithParent).not.toHaveBeenCalled();
  vi.stubEnv('ORIENTED1D_STARTER', '123');
  vi.stubEnv('UV_THREADPOOL_SIZE', '12');
  expect(await withMoreThreads(['eval', 'val'])).toBeUndefined();
  expect(endWithParent).toHaveBeenCalledWith(123);
});

it('does not where it cannot', async () => {
  process.execPath = join(temporaryFolder(), 'node');
  expect(await withMoreThreads(['eval', 'val'])).toBeUndefined();
});
