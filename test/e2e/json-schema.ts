import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './processes.ts';

/** A JSON Schema, as far as ours goes: the keywords that docs/udpcp.schema.json uses, of draft 2020-12. */
interface Schema {
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const ANNOTATIONS = ['$schema', 'title', 'description'];
const KEYWORDS = [
  '$defs',
  '$ref',
  'anyOf',
  'const',
  'enum',
  'type',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'pattern',
  'minimum',
  'maximum',
];

/**
 * Why a value is not what the schema describes; empty: it is. Stricter than the standard in one thing: a property that
 * the schema does not name is wrong, unless it says that any may come.
 */
function flawsOf(value: unknown, root: Schema, schema: Schema = root, at = '$'): string[] {
  const unknown = Object.keys(schema).filter((word) => ![...KEYWORDS, ...ANNOTATIONS].includes(word));
  if (unknown.length > 0) throw new Error(`this validator does not know ${unknown}`);
  const flaws: string[] = [];
  const demand = (holds: boolean, why: string): void => void (holds || flaws.push(`${at}: ${why}`));
  if (schema.$ref !== undefined) {
    const named = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    if (named === undefined) throw new Error(`nothing is called ${schema.$ref}`);
    flaws.push(...flawsOf(value, root, named, at));
  }
  if (schema.anyOf !== undefined) {
    const each = schema.anyOf.map((one) => flawsOf(value, root, one, at));
    const least = each.toSorted((a, b) => a.length - b.length)[0] ?? [];
    flaws.push(...least);
  }
  if ('const' in schema) demand(value === schema.const, `is not ${schema.const}`);
  if (schema.enum !== undefined) demand(schema.enum.includes(value), `is none of ${schema.enum}`);
  if (schema.type !== undefined) {
    const types = [schema.type].flat();
    demand(
      types.some((type) => isOf(type, value)),
      `is not ${types}`,
    );
  }
  if (typeof value === 'string' && schema.pattern !== undefined) {
    demand(new RegExp(schema.pattern, 'u').test(value), `does not match ${schema.pattern}`);
  }
  if (typeof value === 'number') {
    demand(value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value), 'is out of range');
  }
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    flaws.push(...value.flatMap((one, index) => flawsOf(one, root, items, `${at}[${index}]`)));
  }
  if (isOf('object', value)) flaws.push(...propertyFlaws(value as Record<string, unknown>, root, schema, at));
  return flaws;
}

function propertyFlaws(value: Record<string, unknown>, root: Schema, schema: Schema, at: string): string[] {
  const { required = [], properties, additionalProperties } = schema;
  const flaws = required.filter((name) => !(name in value)).map((name) => `${at}: lacks ${name}`);
  if (properties === undefined) return flaws;
  for (const [name, one] of Object.entries(value)) {
    const described = properties[name];
    if (described !== undefined) flaws.push(...flawsOf(one, root, described, `${at}.${name}`));
    else if (additionalProperties !== true) flaws.push(`${at}: ${name} is not in the schema`);
  }
  return flaws;
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type; // the names are those of typeof
    default:
      throw new Error(`this validator does not know the type ${type}`);
  }
}

const PUBLISHED: Schema = JSON.parse(readFileSync(join(ROOT, 'docs/udpcp.schema.json'), 'utf8'));

/** Fails unless every line is JSON that the published schema describes; without `definition`, in any of its ways. */
export function expectDescribed(text: string, definition?: string): void {
  const schema = definition === undefined ? PUBLISHED : { $ref: `#/$defs/${definition}` };
  expect(text).toMatch(/^(.+\n)+$/);
  for (const line of text.trimEnd().split('\n')) {
    expect({ line, flaws: flawsOf(JSON.parse(line), PUBLISHED, schema) }).toEqual({ line, flaws: [] });
  }
}
