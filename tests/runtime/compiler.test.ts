import { chmodSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Compiler,
  compile,
  compilerFlags,
  compilerSettings,
  findCompiler,
} from '../../runtime/compiler.js';
import { DeviceError } from '../../runtime/errors.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const SOURCE = {
  name: 'answer',
  text: 'extern "C" int answer() { return 42; }',
  flags: ['-shared', '-fPIC'],
};

/** A compiler that notes every source that it compiles, and how often. */
function countingCompiler(): { command: string; runs: () => number } {
  const folder = temporaryFolder();
  const [command, log] = [join(folder, 'counting-g++'), join(folder, 'log')];
  writeFileSync(
    command,
    `#!/bin/sh\ncase "$*" in *--version*) ;; *) echo run >> ${log};; esac\nexec g++ "$@"\n`,
  );
  chmodSync(command, 0o755);
  return { command, runs: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0) };
}

async function found(): Promise<Compiler> {
  return (await findCompiler())!;
}

afterEach(() => vi.unstubAllEnvs());

describe('findCompiler', () => {
  it('takes the one on PATH', async () => {
    vi.stubEnv('CXX', '');
    expect(await findCompiler()).toMatchObject({ kind: 'compiler', command: ['g++'], brand: 'gcc' });
    expect((await found()).version).toMatch(/\d+\.\d+/);
  });

  it('takes $CXX first, with its arguments', async () => {
    vi.stubEnv('CXX', 'c++ -pipe');
    expect((await found()).command).toEqual(['c++', '-pipe']);
  });

  it('does not pass over a $CXX that does not run', async () => {
    vi.stubEnv('CXX', '/nowhere/g++');
    await expect(findCompiler()).rejects.toThrow("'/nowhere/g++': $CXX must name a C++ compiler that runs");
    await expect(findCompiler()).rejects.toMatchObject({ fault: 'user' });
  });

  it('finds none where there is none', async () => {
    vi.stubEnv('CXX', '');
    vi.stubEnv('PATH', temporaryFolder());
    expect(await findCompiler()).toBeUndefined();
  });
});

describe('compilerFlags', () => {
  const compiler = (brand: 'gcc' | 'clang'): Compiler => ({
    kind: 'compiler',
    command: [],
    version: '',
    brand,
  });

  it('follow the instruction set', () => {
    expect(compilerFlags(compiler('gcc'), 'avx512')).toContain('-march=x86-64-v4');
    expect(compilerFlags(compiler('gcc'), 'avx2')).toContain('-march=x86-64-v3');
    expect(compilerFlags(compiler('gcc'), 'plain').join(' ')).not.toContain('-march');
  });

  it('keep what only GCC knows from others', () => {
    expect(compilerFlags(compiler('gcc'), 'plain')).toContain('-fno-tree-sink');
    expect(compilerFlags(compiler('clang'), 'plain')).not.toContain('-fno-tree-sink');
  });
});

describe('compile', () => {
  it('compiles once, and again only for another source, flag or name', async () => {
    const { command, runs } = countingCompiler();
    vi.stubEnv('CXX', command);
    const folder = temporaryFolder();
    const compiler = await found();
    const path = await compile(compiler, { ...SOURCE, folder });
    expect(await compile(compiler, { ...SOURCE, folder })).toBe(path);
    expect(runs()).toBe(1);
    const others = [{ text: `${SOURCE.text}\n` }, { flags: [...SOURCE.flags, '-O1'] }, { name: 'reply' }].map(
      (change) => compile(compiler, { ...SOURCE, ...change, folder }),
    );
    expect(new Set([path, ...(await Promise.all(others))]).size).toBe(4);
    expect(runs()).toBe(4);
    expect(readdirSync(folder)).toHaveLength(8); // and nothing but their sums beside them
  });

  it('answers anew for other arguments of $CXX, which it gives to the compiler', async () => {
    const folder = temporaryFolder();
    const compiler = await found();
    const twice = { ...compiler, command: [...compiler.command, '-DANSWER=43'] };
    const text = '#ifdef ANSWER\nextern "C" int answer() { return ANSWER; }\n#endif';
    const paths = await Promise.all(
      [compiler, twice].map((one) => compile(one, { ...SOURCE, text, folder })),
    );
    expect(new Set(paths).size).toBe(2);
    expect(readFileSync(paths[1]!).equals(readFileSync(paths[0]!))).toBe(false);
    expect(compilerSettings(twice, ['-O2'])).toEqual([process.arch, '-DANSWER=43', '-O2']);
  });

  it.each([
    ['kill -9 $$', 'compiler-ended', /was ended before it was done: SIGKILL/],
    ['exit 143', 'compiler-ended', /it ended with status 143/],
    [
      "echo 'g++: fatal error: Killed signal terminated program cc1plus' >&2; exit 1",
      'compiler-ended',
      /Killed/,
    ],
    ["echo 'cc1plus: out of memory allocating 65536 bytes' >&2; exit 1", 'compiler-ended', /out of memory/],
    [
      "echo '/tmp/cc.s: Assembler messages:' >&2; echo 'as: can not write: No space left on device' >&2; exit 1",
      'compiler-no-room',
      /had no room to write: as: .*No space left on device/,
    ],
    ["echo 'x.cpp:1:1: error: no' >&2; exit 1", 'compile', /refused the kernel: x\.cpp:1:1: error: no/],
    ['exit 1', 'compile', /it ended with status 1/],
  ])('tells %s by its code', async (script, code, rule) => {
    const folder = temporaryFolder();
    const compiler = { ...(await found()), command: ['sh', '-c', script] };
    await expect(compile(compiler, { ...SOURCE, folder })).rejects.toMatchObject({
      code,
      rule: expect.stringMatching(rule),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['exit 0', 'for last; do :; done; : > "$last"'])(
    'says that `%s` is no compiler',
    async (script) => {
      const folder = temporaryFolder();
      const command = ['sh', '-c', script, 'sh'];
      await expect(compile({ ...(await found()), command }, { ...SOURCE, folder })).rejects.toMatchObject({
        code: 'compiler-silent',
        fault: 'user',
        message: expect.stringMatching(
          /^'sh -c [^\n]*': [^\n]* wrote no binary; set CXX to a C\+\+ compiler$/,
        ),
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('compiles again what was cut: loading it would end the process', async () => {
    const folder = temporaryFolder();
    const path = await compile(await found(), { ...SOURCE, folder });
    const whole = readFileSync(path);
    truncateSync(path, 4096);
    expect(await compile(await found(), { ...SOURCE, folder })).toBe(path);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('answers anew for another version of the compiler', async () => {
    const folder = temporaryFolder();
    const compiler = await found();
    const path = await compile(compiler, { ...SOURCE, folder });
    expect(await compile({ ...compiler, version: 'another' }, { ...SOURCE, folder })).not.toBe(path);
  });

  it('may be asked for one binary by several at once', async () => {
    const folder = temporaryFolder();
    const compiler = await found();
    const paths = await Promise.all(
      Array.from({ length: 4 }, () => compile(compiler, { ...SOURCE, folder })),
    );
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('quotes the first error of a broken source, keeps the rest, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const text = '#warning a warning comes first\nint f() { return undeclared; }\nint g() { return too; }';
    const broken = compile(await found(), { ...SOURCE, text, folder });
    await expect(broken).rejects.toThrow(DeviceError);
    await expect(broken).rejects.toThrow(
      /'answer': the C\+\+ compiler refused the kernel: .*error: .*undeclared/,
    );
    await expect(broken).rejects.toMatchObject({
      fault: 'system',
      cause: { message: expect.stringMatching(/too/) },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says that the cache cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const compiled = compile(await found(), { ...SOURCE, folder: join(file, 'cache') });
    await expect(compiled).rejects.toThrow(
      `'${join(file, 'cache')}': the cache of compiled kernels is a folder, and a file is in its place or above it; set ORIENTED1D_CACHE to a folder of yours`,
    );
    await expect(compiled).rejects.toMatchObject({ fault: 'user' });
  });
});
