import { expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands.js';
import { VERSION } from '../../generator/package.js';
import { cli } from '../support/cli.js';

test('help and version end well, on stdout', async () => {
  for (const argv of [[], ['--help'], ['help'], ['help', 'taps'], ['taps', '--help']]) {
    const { exit, stdout, stderr } = await cli(...argv);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: oriented1d/);
  }
  expect(await cli('--version')).toEqual({ exit: 0, stdout: `${VERSION}\n`, stderr: '' });
});

test.each(COMMANDS)('$name has its line in the help, and a help of its own', async ({ name, summary }) => {
  const all = await cli('--help');
  const line = all.stdout.split('\n').find((text) => text.trimStart().startsWith(`${name} `));
  expect(line).toContain(summary.slice(0, 20));
  const own = await cli(name, '--help');
  expect(own).toMatchObject({ exit: 0, stderr: '' });
  expect(own.stdout).toMatch(new RegExp(`^Usage: oriented1d ${name}\\b`));
  expect(own.stdout.replaceAll(/\s+/g, ' ')).toContain(summary);
});

test('every command of the design that is built is there', () => {
  const names = COMMANDS.map(({ name }) => name);
  const built = ['doctor', 'taps', 'generate', 'tune', 'library', 'conv', 'filter', 'bench'];
  expect(names).toEqual(expect.arrayContaining(built));
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  [['tapz'], "oriented1d: 'oriented1d': unknown command 'tapz' (Did you mean taps?); see oriented1d --help"],
  [['help', 'tapz'], /unknown command 'tapz' \(Did you mean taps\?\); see oriented1d --help$/],
  [['tapz', '--help'], /unknown command 'tapz' \(Did you mean taps\?\)/],
  [['--json', 'tapz', '--kernel', '3'], /unknown command 'tapz'/],
  [
    ['taps', '--kernel', '3', '--angle', '0', '--kernel=5'],
    /'--kernel': the option was given more than once/,
  ],
  [
    ['taps', '--kernel', '3', '--angle', '0', '--svg', ''],
    /'': --svg must not be empty; see oriented1d taps --help/,
  ],
  [
    ['taps', '--kernel', '3', '--angle', '0', '--svg', '/dev/stdout', '--json'],
    /'\/dev\/stdout': is the standard output/,
  ],
  [['filter', '', '--kernel', '3', '--out', 'x.png'], /'': an argument must not be empty/],
  [['--json'], "oriented1d: 'oriented1d': a command is missing; see oriented1d --help"],
  [
    ['taps', '--kernel', '3'],
    /^oriented1d: '--angle': a line of taps has a direction; add for example --angle 22.5/,
  ],
  [['taps', '--kernel'], /^oriented1d: 'taps': option '--kernel <K>' argument missing; see/],
  [
    ['taps', '--kernel', '3', '--angle', '0', '--kernl', '3'],
    /unknown option '--kernl' \(Did you mean --kernel\?\); see/,
  ],
  [
    ['taps', '--kernel', '3', '--angle', '0', 'more'],
    /too many arguments.*but got 1; see oriented1d taps --help$/,
  ],
  [
    ['filter', '--kernel', '3', '--out', 'x.png'],
    /missing required argument 'image'; see oriented1d filter --help$/,
  ],
])('%j is answered in one line', async (argv, line) => {
  const { exit, stdout, stderr } = await cli(...argv);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr.match(/\n/g)).toHaveLength(1);
  expect(stderr.trimEnd()).toMatch(line);
});

test('--json and --debug are understood before and after the command', async () => {
  const plain = await cli('taps', '--kernel', '3', '--angle', '0', '--json');
  expect(await cli('--json', 'taps', '--kernel', '3', '--angle', '0')).toEqual(plain);
  expect((await cli('taps', '--kernel', '4', '--angle', '0', '--debug')).stderr).toMatch(/\n +at /);
});
