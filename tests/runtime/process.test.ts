import { expect, test } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { invoke } from '../../runtime/process.js';

/** Invokes a command once no file can be opened any more, in a process of its own: of that kind there may be few. */
const CRAMPED = `
  const { openSync } = await import('node:fs');
  const { invoke } = await import(process.argv[1]);
  try {
    for (;;) openSync('/dev/null');
  } catch {}
  await invoke(['true']).catch(({ code }) => console.log(code));`;

test('what cannot be started for want of files is said so, and nothing else comes of it', async () => {
  const module = packagePath('dist', 'runtime', 'process.js');
  const node = [process.execPath, '--input-type=module', '-e', CRAMPED, module];
  expect(await invoke(['sh', '-c', 'ulimit -n 64 && exec "$@"', 'sh', ...node])).toEqual({
    ...{ code: 0, signal: null },
    ...{ stdout: 'EMFILE\n', stderr: '' },
  });
});

test('a command that is not there is said so', async () => {
  await expect(invoke(['/nowhere/command'], 'input')).rejects.toMatchObject({ code: 'ENOENT' });
});
