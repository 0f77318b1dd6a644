import { printNode, ts } from 'ts-morph';
import type { KernelEntry } from './entry.js';
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

/** The types that a table of these kernels names. */
export function tableTypes(entries: readonly KernelEntry[]): readonly string[] {
  const used = new Set(entries.flatMap((entry) => abridged(entry).map(([, , type]) => type)));
  return ['KernelEntry', ...used];
}

/** A kernel, literally but for what a type would only repeat number by number. */
function kernel(entry: KernelEntry): ts.Expression {
  const { name, layer, target, file, fileHash, sourceHash } = entry;
  return record([
    ...Object.entries({ name, layer, target, file, fileHash, sourceHash }).map(literally),
    ...abridged(entry).map(([key, value, type]): Property => [key, as(literal(value), type)]),
  ]);
}

/** What is written out, and typed by its type's name alone. */
function abridged({ launch, image, provenance }: KernelEntry) {
  return [
    ...(launch ? [['launch', launch, 'LaunchPlan'] as const] : []),
    ...(image ? [['image', image, 'KernelImage'] as const] : []),
    ['provenance', provenance, 'Provenance'] as const,
  ];
}

function record(properties: readonly Property[]): ts.Expression {
  const assignments = properties.map(([key, value]) =>
    factory.createPropertyAssignment(IDENTIFIER.test(key) ? key : text(key), value),
  );
  return factory.createObjectLiteralExpression(assignments, true);
}

type Literal = string | number | boolean | object;

function literal(value: Literal): ts.Expression {
  if (typeof value === 'number') return factory.createNumericLiteral(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return value ? factory.createTrue() : factory.createFalse();
  if (Array.isArray(value)) return factory.createArrayLiteralExpression(value.map(literal));
  return record(Object.entries(value).map(literally));
}

function literally([key, value]: readonly [key: string, value: Literal]): Property {
  return [key, literal(value)];
}

function text(value: string): ts.StringLiteral {
  const isSingleQuote = true;
  return factory.createStringLiteral(value, isSingleQuote);
}

function as(value: ts.Expression, type: string): ts.Expression {
  return factory.createAsExpression(value, factory.createTypeReferenceNode(type));
}
