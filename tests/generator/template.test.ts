import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { TemplateError } from '../../generator/errors.js';
import { packagePath } from '../../generator/package.js';
import { render, type TemplateData } from '../../generator/template.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Renders a text as if it lay below templates/. */
function rendered(text: string, data: TemplateData): string {
  const file = join(temporaryFolder(), 'kernel.hbs');
  writeFileSync(file, text);
  return render(relative(packagePath('templates'), file), data);
}

/** The error that a text is refused with. */
function refused(text: string, data: TemplateData): TemplateError {
  try {
    rendered(text, data);
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({ fault: 'system' });
    return error as TemplateError;
  }
  throw new Error(`'${text}' was rendered`);
}

test('prints what the data holds, as it is', () => {
  expect(rendered('{{type}} {{name}}[{{count}}];', { type: 'a<b>', name: '"x" & y', count: 0 })).toBe(
    'a<b> "x" & y[0];',
  );
});

test('a key that the data lacks is an error, wherever it stands', () => {
  for (const text of ['{{no}}', '{{a.no}}', '{{#each list}}{{no}}{{/each}}', '{{#if yes}}{{no}}{{/if}}'])
    expect(refused(text, { a: { b: 1 }, list: [{ b: 1 }], yes: true }).message, text).toMatch(
      /"no" not defined/,
    );
});

test('{{#each}} prints each item with its number, and an empty list as nothing', () => {
  const text = '{{#each list}}{{@index}}:{{name}}{{#unless @last}}, {{/unless}}{{/each}}';
  expect(rendered(text, { list: [{ name: 'a' }, { name: 'b' }] })).toBe('0:a, 1:b');
  expect(rendered(text, { list: [] })).toBe('');
  expect(rendered('{{#each list}}{{this}}{{else}}none{{/each}}', { list: [] })).toBe('none');
});

test.each([
  ['a missing list', {}],
  ['a list that is a number', { list: 3 }],
  ['a list that is a record', { list: { a: 1 } }],
])('{{#each}} refuses %s', (_, data: TemplateData) => {
  refused('{{#each list}}{{/each}}', data);
});

test('{{#each}} refuses a list that a record inside of another list lacks', () => {
  expect(
    rendered('{{#each rows}}{{#each cells}}{{this}}{{/each}};{{/each}}', { rows: [{ cells: [1, 2] }] }),
  ).toBe('12;');
  refused('{{#each rows}}{{#each cells}}{{this}}{{/each}};{{/each}}', { rows: [{ cells: [1] }, {}] });
});

test('{{#if}} takes true and false', () => {
  const text = '{{#if on}}yes{{else}}no{{/if}}';
  expect([rendered(text, { on: true }), rendered(text, { on: false })]).toEqual(['yes', 'no']);
});

test.each([
  ['a missing condition', {}],
  ['a number, though 0 is false elsewhere', { on: 0 }],
  ['a text, though an empty one is false elsewhere', { on: '' }],
  ['a list, though an empty one is false elsewhere', { on: [] }],
])('{{#if}} refuses %s', (_, data: TemplateData) => {
  refused('{{#if on}}{{/if}}', data);
});

test('{{#if}} compares numbers by eq and gt, and refuses to compare anything else', () => {
  const text = '{{#if (eq a b)}}={{else}}{{#if (gt a b)}}>{{else}}<{{/if}}{{/if}}';
  expect([1, 2, 3].map((a) => rendered(text, { a, b: 2 }))).toEqual(['<', '=', '>']);
  expect(refused(text, { a: '2', b: 2 })).toMatchObject({ code: 'template-key', value: '2' });
  refused(text, { a: 2 });
});

test('{{assert}} prints nothing where its condition holds, and says why where it does not', () => {
  const text = "{{assert (gt lanes 0) 'a vector has lanes'}}float v{{lanes}};";
  expect(rendered(text, { lanes: 16 })).toBe('float v16;');
  expect(refused(text, { lanes: 0 })).toMatchObject({ code: 'assertion', value: 'a vector has lanes' });
});

test('{{assert}} takes nothing for true but true', () => {
  for (const on of [1, 'yes', [true], {}] as const)
    expect(refused("{{assert on 'it is on'}}", { on }).code).toBe('assertion');
  refused("{{assert on 'it is on'}}", {});
});

test('a template that is not there is an error with its path', () => {
  expect(() => render('cpp/none.hbs', {})).toThrow(
    /'cpp\/none\.hbs': a template could not be rendered: ENOENT/,
  );
});
