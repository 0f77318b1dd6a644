import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Ui } from '../../cli/ui.js';
import { CapturedSink, captured } from '../support/cli.js';

test('notes go to stderr', () => {
  const streams = captured();
  new Ui(streams, { json: false }).note('compiling');
  expect(streams.stderr.text).toBe('compiling\n');
  expect(streams.stdout.text).toBe('');
});

test('tables align their columns without boxes or trailing blanks', () => {
  const table = new Ui(captured(), { json: false }).table(
    ['dy', 'weights'],
    [
      [-10, '0, 1'],
      [0, 'two\nlines'],
    ],
  );
  expect(table).toBe(['dy   weights', '-10  0, 1', '0    two', '     lines'].join('\n'));
});

test('colours only where stdout shows them', () => {
  const shown = new Ui({ ...captured(), stdout: new CapturedSink({ isTTY: true }) }, { json: false });
  expect(shown.paint.red('x')).toBe('\x1b[31mx\x1b[39m');
  expect(new Ui(captured(), { json: false }).paint.red('x')).toBe('x');
  const pipe = { write: () => {} };
  expect(new Ui({ stdout: pipe, stderr: pipe }, { json: false }).paint.red('x')).toBe('x');
});

test('in a log, progress is a line for each tenth', () => {
  const streams = captured();
  const progress = new Ui(streams, { json: false }).progress('trials', 40);
  for (let i = 1; i <= 40; i++) progress.step(`kernel ${i}`);
  progress.stop();
  const lines = streams.stderr.text.trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('trials 4/40 kernel 4');
  expect(lines[9]).toBe('trials 40/40 kernel 40');
  expect(streams.stdout.text).toBe('');
});

test('a short progress says each step once', () => {
  const streams = captured();
  const progress = new Ui(streams, { json: false }).progress('trials', 3);
  for (let i = 0; i < 3; i++) progress.step();
  expect(streams.stderr.text).toBe('trials 1/3\ntrials 2/3\ntrials 3/3\n');
});

test('on a terminal, progress is a bar that goes away', () => {
  const terminal = new Terminal();
  const progress = new Ui({ ...captured(), stderr: terminal }, { json: false }).progress('trials', 2);
  progress.step('kernel a');
  progress.step('kernel b');
  progress.stop();
  expect(terminal.text).toMatch(/trials .*0\/2/);
  expect(terminal.text).toMatch(/trials .*2\/2 kernel b/);
  expect(terminal.text).toContain('\x1b[0J'); // the line is cleared
  expect(terminal.text).toContain('\x1b[?25h'); // and the cursor is shown again
});

test.each([1, 2])(
  'a process that is ended meanwhile leaves a terminal with its cursor: %d lanes',
  (lanes) => {
    const terminal = new Terminal();
    const before = process.listeners('exit');
    new Ui({ ...captured(), stderr: terminal }, { json: false }).progress('trials', 2, lanes).step();
    const [ended, ...others] = process.listeners('exit').filter((listener) => !before.includes(listener));
    expect([terminal.text.includes('\x1b[?25l'), others]).toEqual([true, []]);
    expect(terminal.text).not.toContain('\x1b[?25h');
    ended!(130);
    expect(terminal.text).toContain('\x1b[?25h');
    expect(process.listeners('exit')).toEqual(before);
  },
);

test.each([1, 2])('a note stands above a bar, which is drawn again: %d lanes', (lanes) => {
  const terminal = new Terminal();
  const ui = new Ui({ ...captured(), stderr: terminal }, { json: false });
  const progress = ui.progress('trials', 2, lanes);
  progress.step();
  const before = terminal.text.length;
  ui.note('ending');
  const said = terminal.text.slice(before);
  progress.stop();
  expect(said).toContain('\x1b[2Kending\n'); // in a line that was cleared
  expect(said.slice(said.indexOf('ending\n'))).toMatch(/trials .*1\/2/);
  ui.note('after');
  expect(terminal.text.endsWith('after\n')).toBe(true);
});

test('what goes on side by side has a line each below the bar', () => {
  const terminal = new Terminal();
  const progress = new Ui({ ...captured(), stderr: terminal }, { json: false }).progress('trials', 2, 3);
  for (const lane of [0, 1, 2]) progress.say(`worker ${lane} at work`, lane);
  progress.step('kernel a');
  progress.stop();
  for (const lane of [0, 1, 2]) expect(terminal.text).toContain(`worker ${lane} at work`);
  expect(terminal.text).toMatch(/trials .*1\/2/);
  expect(terminal.text).toContain('\x1b[?25h');
});

/** What cli-progress needs of a terminal. */
class Terminal extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}
