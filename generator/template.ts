import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import Handlebars from 'handlebars';
import { TemplateError } from './errors.js';
import { packagePath } from './package.js';

/** What a template may print: plain data only. */
export type Printable =
  | string
  | number
  | boolean
  | readonly Printable[]
  | { readonly [key: string]: Printable };

export type TemplateData = Readonly<Record<string, Printable>>;

const engine = Handlebars.create();
const compiled = new Map<string, HandlebarsTemplateDelegate>();

// {{assert condition 'why'}}: a template states what it takes for granted, and says so when it does not hold.
engine.registerHelper('assert', (condition: unknown, why: unknown) => {
  if (condition !== true)
    throw new TemplateError({
      code: 'assertion',
      value: why,
      rule: 'a template precondition does not hold',
      remedy: 'this is a defect of the generator',
    });
  return '';
});
engine.registerHelper('eq', (a: unknown, b: unknown) => asNumber(a) === asNumber(b));
engine.registerHelper('gt', (a: unknown, b: unknown) => asNumber(a) > asNumber(b));

// Handlebars takes a missing condition for false and a missing list for an empty one; here both are errors.
const { if: builtinIf, each: builtinEach } = engine.helpers as Record<string, Handlebars.HelperDelegate>;
engine.registerHelper('if', function (this: unknown, condition: unknown, ...rest: unknown[]) {
  if (typeof condition !== 'boolean') throw missing('a condition', condition);
  return builtinIf!.call(this, condition, ...rest);
});
engine.registerHelper('each', function (this: unknown, list: unknown, ...rest: unknown[]) {
  if (!Array.isArray(list)) throw missing('a list', list);
  return builtinEach!.call(this, list, ...rest);
});

for (const language of ['cpp', 'cuda', 'report'])
  for (const file of readdirSync(packagePath('templates', language, 'partials')))
    engine.registerPartial(
      `${language}/${basename(file, '.hbs')}`,
      readFileSync(packagePath('templates', language, 'partials', file), 'utf8'),
    );

/**
 * Renders templates/`path` over plain data. A key that the data lacks is an error, never an empty string.
 * @throws TemplateError
 */
export function render(path: string, data: TemplateData): string {
  try {
    return template(path)(data);
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause;
    throw new TemplateError({
      code: 'template',
      value: path,
      rule: `a template could not be rendered: ${(cause as Error).message}`,
      remedy: 'this is a defect of the generator',
      cause,
    });
  }
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw missing('a number', value);
  return value;
}

function missing(what: string, value: unknown): TemplateError {
  return new TemplateError({
    code: 'template-key',
    value,
    rule: `a template needs ${what} where the data has none`,
    remedy: 'this is a defect of the generator',
  });
}

function template(path: string): HandlebarsTemplateDelegate {
  const found = compiled.get(path);
  if (found) return found;
  const made = engine.compile(readFileSync(packagePath('templates', path), 'utf8'), {
    strict: true,
    noEscape: !path.endsWith('.html.hbs'), // a page's text may hold what HTML takes for its own, code is code
  });
  compiled.set(path, made);
  return made;
}
