import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { thisProcess } from '../../../generator/claimant.js';
import { LibraryError } from '../../../generator/library/errors.js';
import { assertPublishable, publish } from '../../../generator/library/publish.js';
import { filesBelow } from '../../../generator/library/replace.js';
import { publishedKernel } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const denied = vi.hoisted(() => ({ path: '' }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const accessSync = (path: string, mode: number) => {
    if (path === denied.path) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    fs.accessSync(path, mode);
  };
  return { ...fs, accessSync };
});

const command = 'npx oriented1d library publish --out kernels';
const kernels = [publishedKernel(31), publishedKernel(7)];
const extras = { 'general/conv.cpp': 'int general;\n' };

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

test('writes kernels, index, manifest, table and extras, and again without a difference', () => {
  const folder = join(temporaryFolder(), 'new', 'library');
  publish({ folder, command, kernels, extras });
  const first = snapshot(folder);
  expect(Object.keys(first).sort()).toEqual([
    'README.md',
    'general/conv.cpp',
    'index.d.ts',
    'index.js',
    'index.ts',
    'kernels/cpu-avx512/fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512__cpp_sheared_t14_l16.cpp',
    'kernels/cpu-avx512/fprop_nhwc_f32_56x56_s1_k7_a0i22p5x8_c512__cpp_sheared_t14_l16.cpp',
    'library.json',
  ]);
  publish({ folder, command, kernels: [...kernels].reverse(), extras });
  expect(snapshot(folder)).toEqual(first);
});

test('removes what is no longer published, and keeps what is not ours', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels, extras });
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'kernels/notes.txt'), 'mine');
  publish({ folder, command, kernels: [kernels[0]!] });
  const left = filesBelow(folder);
  expect(left).toEqual(expect.arrayContaining(['package.json', 'kernels/notes.txt']));
  expect(left.filter((path) => path.endsWith('.cpp'))).toEqual([expect.stringContaining('_k31_')]);
});

test('replaces what a link points to, and leaves the link', () => {
  const base = temporaryFolder();
  publish({ folder: join(base, 'real'), command, kernels });
  symlinkSync('real', join(base, 'link'));
  publish({ folder: join(base, 'link'), command, kernels: [] });
  expect(snapshot(join(base, 'real'))).toEqual(snapshot(join(base, 'link')));
  expect(filesBelow(base)).toContain('link');
});

test('brings back a library whose publication was cut short, foreign files included', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels });
  writeFileSync(join(folder, 'package.json'), '{}');
  renameSync(folder, join(dirname(folder), '.library.old'));
  publish({ folder, command, kernels });
  expect(filesBelow(dirname(folder))).toContain('library/package.json');
  expect(filesBelow(dirname(folder)).filter((path) => path.startsWith('.'))).toEqual([]);
});

describe('refuses, and leaves the folder as it was', () => {
  const thrown = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      expect(error).toBeInstanceOf(LibraryError);
      return error as LibraryError;
    }
    return undefined;
  };

  /** Publishing's, which must be what is said of the folder beforehand. */
  const refusal = (folder: string) => {
    const early = thrown(() => assertPublishable(folder, new Map(Object.entries(extras))));
    const error = thrown(() => publish({ folder, command, kernels, extras }));
    expect(early?.message).toBe(error?.message);
    return error;
  };

  test('a folder that holds someone else’s files and no library', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.tex'), 'mine');
    expect(refusal(folder)).toMatchObject({ code: 'folder-foreign', fault: 'user', value: folder });
    expect(snapshot(folder)).toEqual({ 'thesis.tex': 'mine' });
  });

  test('but not a folder whose only files are the very ones that it writes', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'general'));
    writeFileSync(join(folder, 'general/conv.cpp'), extras['general/conv.cpp']);
    expect(refusal(folder)).toBeUndefined();
  });

  test('a foreign file in the place of one of ours', () => {
    const folder = join(temporaryFolder(), 'library');
    publish({ folder, command, kernels });
    mkdirSync(join(folder, 'general'));
    writeFileSync(join(folder, 'general/conv.cpp'), 'mine');
    const before = snapshot(folder);
    expect(refusal(folder)?.message).toContain('general/conv.cpp');
    expect(snapshot(folder)).toEqual(before);
  });

  test('a damaged manifest, since it no longer says what is ours', () => {
    const folder = join(temporaryFolder(), 'library');
    publish({ folder, command, kernels });
    writeFileSync(join(folder, 'library.json'), '{');
    expect(refusal(folder)).toMatchObject({ code: 'manifest-damaged' });
  });

  test('a file, and a folder below a file', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, 'mine');
    for (const folder of [file, join(file, 'library'), join(file, 'deep', 'library')])
      expect(refusal(folder)?.rule).toBe('a library is a folder, not a file');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('the folder that the process works in', () => {
    const folder = temporaryFolder();
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    expect(refusal(folder)).toMatchObject({ code: 'folder-in-use' });
    cwd.mockRestore();
    expect(filesBelow(folder)).toEqual([]);
  });

  test('a folder that cannot be made', () => {
    expect(refusal('/proc/nowhere/library')).toMatchObject({ code: 'folder-enoent', fault: 'user' });
  });

  test.skipIf(!existsSync('/dev/shm'))('a mount point, and the root of all', () => {
    expect(refusal('/dev/shm')).toMatchObject({ code: 'folder-mounted' });
    expect(refusal('/')).toMatchObject({ code: 'folder-in-use' });
  });

  // Root may write everywhere: what the system would tell another user is told here.
  test.each(['.', 'kernels', 'kernels/cpu-avx512'])(
    'a library whose %s cannot be written, early',
    (locked) => {
      const folder = join(temporaryFolder(), 'library');
      publish({ folder, command, kernels });
      const before = snapshot(folder);
      denied.path = join(folder, locked);
      expect(refusal(folder)).toMatchObject({ code: 'folder-eacces', fault: 'user', value: folder });
      denied.path = '';
      expect(snapshot(folder)).toEqual(before);
    },
  );

  test('a library that another process is publishing into', () => {
    const folder = join(temporaryFolder(), 'library');
    publish({ folder, command, kernels });
    const lock = join(dirname(folder), '.library.lock');
    writeFileSync(lock, JSON.stringify({ ...thisProcess(), processStart: null }));
    expect(thrown(() => publish({ folder, command, kernels: [] }))).toMatchObject({ code: 'folder-locked' });
    rmSync(lock);
    publish({ folder, command, kernels: [] });
    expect(filesBelow(dirname(folder)).filter((path) => path.startsWith('.'))).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a folder in a place without permission', () => {
    const locked = join(temporaryFolder(), 'locked');
    mkdirSync(locked, { mode: 0o555 });
    expect(refusal(join(locked, 'library'))).toMatchObject({ code: 'folder-eacces' });
  });
});

test('saying so beforehand changes nothing, be it a new folder, a library or one that was cut short', () => {
  const base = temporaryFolder();
  publish({ folder: join(base, 'library'), command, kernels });
  writeFileSync(join(base, 'library/package.json'), '{}');
  publish({ folder: join(base, 'cut'), command, kernels });
  renameSync(join(base, 'cut'), join(base, '.cut.old'));
  const before = snapshot(base);
  const { place, foreign } = assertPublishable(join(base, 'library'), new Map());
  expect([place, foreign]).toEqual([join(base, 'library'), ['package.json']]);
  assertPublishable(join(base, 'new', 'library'), new Map());
  assertPublishable(join(base, 'cut'), new Map());
  expect(snapshot(base)).toEqual(before);
  expect(existsSync(join(base, 'new'))).toBe(false);
});
