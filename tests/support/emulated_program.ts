import type { EmulatedRun } from './emulation.js';

/**
 * The translation units of a program that does any of these runs, at most `count` of them. Each text is in a namespace of
 * its own, so that only `extern "C"` names may not be used twice.
 */
export function programUnits(runs: readonly EmulatedRun[], count: number): readonly string[] {
  const texts = [...new Set(runs.map(({ text }) => text))];
  const units = Array.from({ length: Math.min(count, texts.length) }, (_, unit) => [
    '#include "emulation.h"',
    ...texts.map((text, i) => (i % count === unit ? spaced(text, i) : '')),
    ...runs.map((run, i) =>
      texts.indexOf(run.text) % count === unit ? runText(run, i, texts.indexOf(run.text)) : '',
    ),
  ]);
  const names = runs.map((_, i) => `run_${i}`);
  units[0]!.push(
    ...names.map((name) => `void ${name}();`),
    `void (*const emulated_runs[])() = {${names.join(', ')}};\n`,
  );
  return units.map((lines) => lines.filter((line) => line !== '').join('\n'));
}

function spaced(text: string, i: number): string {
  return `namespace text_${i} {\n#line 1 "text_${i}.cu"\n${portable(text)}\n}`;
}

/** The one declaration that C++ has no words for; the memory behind it is aligned to a page. */
function portable(text: string): string {
  return text.replaceAll(
    /extern __shared__ (?:__align__\(\d+\) )?([^;]+) (\w+)\[\];/g,
    'EMULATED_SHARED($1, $2);',
  );
}

function runText(
  { inputs, scratch = {}, zeroed = {}, output, launches }: EmulatedRun,
  i: number,
  text: number,
): string {
  return [
    `void run_${i}() {`,
    ...Object.entries(inputs).map(([name, { data, lead = 0 }]) => {
      const type = data instanceof Int32Array ? 'int' : 'float';
      return `  const auto ${name} = static_cast<const ${type}*>(emulated::input(${lead}));`;
    }),
    ...Object.entries(scratch).map(
      ([name, length]) => `  const auto ${name} = emulated::scratch(${length});`,
    ),
    ...Object.entries(zeroed).map(([name, length]) => `  const auto ${name} = emulated::zeroed(${length});`),
    `  const auto output = emulated::output(${output.length}, ${output.lead ?? 0});`,
    ...launches.map(({ kernel, args, blocks, threads, sharedBytes, firstBlock = 0 }) => {
      const grid = [firstBlock, blocks, threads, sharedBytes].join(', ');
      return `  emulated::launch("${kernel}", {${grid}}, [&] { text_${text}::${kernel}(${args}); });`;
    }),
    '}',
  ].join('\n');
}
