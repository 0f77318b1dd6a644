import { printNode, ts } from 'ts-morph';
import type { KernelEntry } from '../../runtime/library.js';
import { kernelKey } from './kernel_file.js';

const { factory } = ts;
const IDENTIFIER = /^[A-Za-z_]\w*$/;

type Property = readonly [key: string, value: ts.Expression];

/** `{ '<target>/<name>': { name: '...', ... }, ... } as const satisfies Record<string, KernelEntry>` */
export function kernelTable(entries: readonly KernelEntry[]): string {
  const table = record(entries.map((entry) => [kernelKey(entry), kernel(entry)]));
  const type = factory.createTypeReferenceNode('Record', [
    factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
    factory.createTypeReferenceNode('KernelEntry'),
  ]);
  return printNode(factory.createSatisfiesExpression(as(table, 'const'), type));
}

/** A kernel, literally but for its provenance: a type that repeats every measured number would say nothing. */
function kernel({ provenance, ...names }: KernelEntry): ts.Expression {
  return record([
    ...Object.entries(names).map(([key, value]): Property => [key, literal(value)]),
    ['provenance', as(literal(provenance), 'Provenance')],
  ]);
}

function record(properties: readonly Property[]): ts.Expression {
  const assignments = properties.map(([key, value]) =>
    factory.createPropertyAssignment(IDENTIFIER.test(key) ? key : text(key), value),
  );
  return factory.createObjectLiteralExpression(assignments, true);
}

function literal(value: string | number | object): ts.Expression {
  if (typeof value === 'number') return factory.createNumericLiteral(value);
  if (typeof value === 'string') return text(value);
  return record(Object.entries(value).map(([key, part]): Property => [key, literal(part)]));
}

function text(value: string): ts.StringLiteral {
  const isSingleQuote = true;
  return factory.createStringLiteral(value, isSingleQuote);
}

function as(value: ts.Expression, type: string): ts.Expression {
  return factory.createAsExpression(value, factory.createTypeReferenceNode(type));
}
