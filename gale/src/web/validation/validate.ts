/**
 * Checks values with any Standard Schema (version 1, https://standardschema.dev), such as those of Zod, Valibot and ArkType. What a
 * schema reports is bounded before it is sent.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GaleError } from '../../errors.ts';
import { showValue } from '../../run/given-options.ts';
import { Finish, HttpError } from '../http-error.ts';
import { ValidationError, type ValidatedPart, type ValidationIssue } from './validation-error.ts';

const maxIssues = 50;
const maxMessageCharacters = 300;
const maxPathCharacters = 200;

/**
 * Checks a part of a request.
 *
 * @returns The output of the schema.
 * @throws {@link ValidationError} if the value does not match; {@link GaleError} `WEB_SCHEMA` if the schema is none, or fails itself. Passes
 *   on an {@link HttpError} that the schema throws.
 */
export async function validate<Schema extends StandardSchemaV1>(
  part: ValidatedPart,
  schema: Schema,
  value: unknown,
): Promise<StandardSchemaV1.InferOutput<Schema>> {
  const result = await inspect(part, schema, value);
  if (result.issues === undefined) return result.value;
  throw new ValidationError(part, result.issues, result.count);
}

/** What a schema says of a value: its output, or what is wrong. */
export type Inspection<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  /** `count` is the number of all issues; `issues` has at most 50 of them. */
  | { readonly issues: readonly ValidationIssue[]; readonly count: number };

/**
 * Checks any value.
 *
 * @param owner - What the schema belongs to, for messages.
 * @throws {@link GaleError} `WEB_SCHEMA` if the schema is none, or fails itself. Passes on an {@link HttpError} that the schema throws.
 */
export async function inspect<Schema extends StandardSchemaV1>(
  owner: string,
  schema: Schema,
  value: unknown,
): Promise<Inspection<StandardSchemaV1.InferOutput<Schema>>> {
  if (!isStandardSchema(schema)) {
    const rule = 'must be a Standard Schema, such as one of Zod 4, Valibot or ArkType';
    throw schemaError(owner, `${rule}; got ${showValue(schema)}`);
  }
  let result: unknown;
  try {
    result = await schema['~standard'].validate(value);
  } catch (cause) {
    if (cause instanceof HttpError || cause instanceof GaleError || cause instanceof Finish) throw cause;
    throw schemaError(owner, `threw an error; it must return its issues`, cause);
  }
  const { issues, value: output } = readResult(owner, result);
  if (issues === undefined) return { value: output as StandardSchemaV1.InferOutput<Schema> };
  return { issues: issues.slice(0, maxIssues).map(readIssue), count: issues.length };
}

/** Whether the value is a Standard Schema of version 1. Schemas of ArkType are functions. */
export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return false;
  const standard: unknown = Reflect.get(schema, '~standard');
  if (typeof standard !== 'object' || standard === null) return false;
  const { version, validate: check } = standard as { readonly version?: unknown; readonly validate?: unknown };
  return version === 1 && typeof check === 'function';
}

interface SchemaResult {
  readonly issues: readonly unknown[] | undefined;
  readonly value: unknown;
}

function readResult(owner: string, result: unknown): SchemaResult {
  if (typeof result === 'object' && result !== null) {
    const { issues, value } = result as { readonly issues?: unknown; readonly value?: unknown };
    if (Array.isArray(issues)) return { issues, value };
    if (issues === undefined && 'value' in result) return { issues, value };
  }
  throw schemaError(owner, `must return a value or a list of issues; got ${showValue(result)}`);
}

function readIssue(issue: unknown): ValidationIssue {
  const { message, path } = (issue ?? {}) as { readonly message?: unknown; readonly path?: unknown };
  const segments: readonly unknown[] = Array.isArray(path) ? path : [];
  return {
    path: shorten(segments.reduce(joinSegment, ''), maxPathCharacters),
    message: shorten(typeof message === 'string' ? message : 'Not valid', maxMessageCharacters),
  };
}

/** Appends a key to a path. Keys that are no identifiers are in brackets, like in JavaScript. */
function joinSegment(path: string, segment: unknown): string {
  if (path.length > maxPathCharacters) return path;
  const key: unknown = typeof segment === 'object' && segment !== null ? Reflect.get(segment, 'key') : segment;
  if (typeof key === 'number') return `${path}[${key}]`;
  const full = typeof key === 'string' ? key : String(key);
  const name = shorten(full, maxPathCharacters);
  if (!/^[\w$-]+$/.test(full)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

function shorten(text: string, maxCharacters: number): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters).toWellFormed()}…` : text;
}

function schemaError(owner: string, rule: string, cause?: unknown): GaleError {
  return new GaleError('WEB_SCHEMA', `The schema of ${owner} ${rule}.`, cause === undefined ? {} : { cause });
}
