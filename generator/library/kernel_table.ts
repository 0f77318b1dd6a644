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
  const measured = record(Object.entries(provenance).map(([key, value]) => [key, literal(value)]));
  return record([
    ...Object.entries(names).map(([key, value]): Property => [key, literal(value)]),
    ['provenance', as(measured, 'Provenance')],
  ]);
}

function record(properties: readonly Property[]): ts.Expression {
  const assignments = properties.map(([key, value]) =>
    factory.createPropertyAssignment(IDENTIFIER.test(key) ? key : literal(key), value),
  );
  return factory.createObjectLiteralExpression(assignments, true);
}

function literal(value: string): ts.StringLiteral;
function literal(value: string | number): ts.StringLiteral | ts.NumericLiteral;
function literal(value: string | number): ts.StringLiteral | ts.NumericLiteral {
  const isSingleQuote = true;
  return typeof value === 'string'
    ? factory.createStringLiteral(value, isSingleQuote)
    : factory.createNumericLiteral(value);
}

function as(value: ts.Expression, type: string): ts.Expression {
  return factory.createAsExpression(value, factory.createTypeReferenceNode(type));
}
