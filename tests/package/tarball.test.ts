import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PublishedKernel } from '../../generator/library/kernel_file.js';
import { publish } from '../../generator/library/publish.js';
import { layerName } from '../../generator/name.js';
import { packagePath } from '../../generator/package.js';
import { problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { type Target, targetName } from '../../generator/target.js';
import { openCpu } from '../../runtime/cpu.js';
import { renderKernel } from '../../tuner/harvest.js';
import {
  compileTypeScript,
  type InstalledPackage,
  installPackage,
  run,
} from '../support/installed_package.js';
import { PROVENANCE } from '../support/published_kernel.js';

// The package as others get it: packed, unpacked into another project, imported and compiled against from there.
const root = realpathSync(mkdtempSync(join(tmpdir(), 'oriented1d-package-')));
let installed: InstalledPackage;
let project: string;

const layer = problem({ height: 12, width: 12, kernel: 7, angles: [0, 45], channels: 32 });
const { target } = openCpu();
const GPU: Target = { kind: 'cuda', arch: 'sm_90' };

// As examples/import-library/README.md has it.
const IMPORTS = { '#kernels': { types: './kernels/index.d.ts', default: './kernels/index.js' } };

beforeAll(() => {
  installed = installPackage(root, IMPORTS);
  project = installed.project;
  cpSync(packagePath('examples', 'import-library', 'tsconfig.json'), join(project, 'tsconfig.json'));
  cpSync(packagePath('examples', 'import-library', 'main.ts'), join(project, 'main.ts'));
  publishKernels(join(project, 'kernels'));
  writeFileSync(join(project, 'own.ts'), program(layerName(layer), targetName(target)));
  // Makes the compiler see the library's index.ts, too.
  writeFileSync(join(project, 'direct.ts'), "export type { Layer } from './kernels/index.js';");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the tarball holds what runs and what builds, and no more', () => {
  const { files } = installed;
  expect(files).toEqual(
    expect.arrayContaining([
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'generated/index.js',
      'generated/index.d.ts',
      'generated/library.json',
      'templates/cpp/sheared.cpp.hbs',
      'runtime/native/addon.cc',
      'runtime/native/oriented1d_kernel.h',
      'CMakeLists.txt',
    ]),
  );
  expect(
    files.filter((path) => /^(tests|bench(?!\/peers)|examples|build|node_modules)\//.test(path)),
  ).toEqual([]);
});

test('programs compile against the package and against a library of their own, and run', () => {
  compileTypeScript(join(project, 'tsconfig.json'), '--noUnusedLocals', '--outDir', join(project, 'out'));
  const env = { ORIENTED1D_CACHE: join(project, 'cache') };
  expect(run(process.execPath, ['out/main.js'], project, env)).toMatch(
    target.isa === 'plain'
      ? /^published: no such kernel\nruns: general\n.*: 1\.000 in the middle, 0\.516 at the left edge$/m
      : /^published: fprop_nhwc_\S+, \S+ us\nruns: library\n.*: 1\.000 in the middle, 0\.516 at the left edge$/m,
  );
  expect(JSON.parse(run(process.execPath, ['out/own.js'], project, env))).toEqual({
    found: layerName(layer),
    folder: join(project, 'kernels'),
    origins: ['library', 'general'],
    difference: expect.closeTo(0, 4),
    largest: expect.not.closeTo(0, 1),
  });
});

test('the HTTP classifier compiles against the package', () => {
  const folder = join(project, 'http-classifier');
  cpSync(packagePath('examples', 'http-classifier'), folder, { recursive: true });
  compileTypeScript(join(folder, 'tsconfig.json'), '--noUnusedLocals', '--outDir', join(folder, 'out'));
});

/** A kernel of each device, as they would be published had they been tuned. */
function publishKernels(folder: string): void {
  const image = { bytes: Uint8Array.of(0x7f, 0, 0xff), compiler: 'nvcc 13.0' };
  publish({
    folder,
    command: 'npx oriented1d library publish --out kernels',
    kernels: [published(target), { ...published(GPU), image }],
  });
}

function published(on: Target): PublishedKernel {
  const { name } = space(layer, on).candidates[0]!;
  const names = { name, target: targetName(on) };
  return { entry: { ...names, layer: layerName(layer), provenance: PROVENANCE }, ...renderKernel(names) };
}

/** A program of the project's: what it gets wrong on purpose must not compile. */
function program(name: string, machine: string): string {
  return `
import { type CudaKernelEntry, type KernelEntry, type KernelLibrary, openCpu, parseProblemName } from 'oriented1d';
import library, { find, kernels, type Kernel, type KernelName, type Layer, type Target } from '#kernels';

const other: string = 'fprop_nhwc_f32_1x1_s1_k1_a0_c1';
const found: Kernel = find('${name}', '${machine}');
const everywhere: Readonly<Record<string, KernelEntry>> = kernels;
const onGpu: CudaKernelEntry = find('${name}', 'cuda:sm_90');
if (onGpu.image === undefined || onGpu.launch.threads < 32) throw new Error('not as it was published');
const names: readonly [Layer, Target, KernelName] = [found.layer, found.target, found.name];
// @ts-expect-error: a string that is known only when the program runs may be none of the library's
const perhaps: KernelEntry = find(other, '${machine}');
// @ts-expect-error: no kernel for this target
const elsewhere: KernelEntry = find('${name}', 'cuda:sm_1');
// @ts-expect-error: no such layer
const none: Layer = 'fprop_nhwc_f32_1x1_s1_k1_a0_c1';
if (perhaps || elsewhere || none === found.layer || names.length !== 3) throw new Error('found what is not there');

const cpu = openCpu({ threads: 2 });
const problem = parseProblemName(found.layer);
const input = Float32Array.from({ length: 32 * 12 * 12 }, (_, i) => Math.sin(i));
const weight = Float32Array.from({ length: 32 * 7 }, (_, i) => Math.cos(i));
const typed: KernelLibrary = library;
const ours = await cpu.load(problem, { library: typed });
const general = await cpu.load(problem);
const [a, b] = [ours.run({ input, weight }), general.run({ input, weight })];
console.log(
  JSON.stringify({
    found: Object.values(everywhere)[0]?.layer,
    folder: library.folder,
    origins: [ours.origin.kind, general.origin.kind],
    difference: a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0),
    largest: a.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  }),
);
`;
}
