/** A thrown value and its causes as text, for the error page of debug mode. */
import { showValue } from '../../run/given-options.ts';
import { readExcerpt, type SourceExcerpt } from './source-excerpt.ts';

/** A thrown value, for people who develop the application. */
export interface Thrown {
  /** Name, code and message. */
  readonly message: string;
  /** Lines of the stack, without `at`. */
  readonly stack: readonly string[];
  /** The lines of the application's code that threw it, if they can be read. */
  readonly source?: SourceExcerpt;
  /** Its `cause`, then that of the cause, and so on; also the errors of an `AggregateError`. */
  readonly causes?: readonly Omit<Thrown, 'causes'>[];
}

const maxCauses = 5;
const maxMessageCharacters = 8_000;
const maxStackLines = 50;

/** Describes a thrown value with its causes. */
export function describeThrown(error: unknown): Thrown {
  const chain: unknown[] = [error];
  for (let index = 0; index < chain.length && chain.length <= maxCauses; index++) {
    for (const cause of causesOf(chain[index])) if (!chain.includes(cause)) chain.push(cause);
  }
  const [first, ...causes] = chain.slice(0, maxCauses + 1).map(describe);
  return causes.length === 0 ? (first as Thrown) : { ...(first as Thrown), causes };
}

function causesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  const causes: unknown[] = error.cause === undefined ? [] : [error.cause];
  return error instanceof AggregateError ? [...causes, ...(error.errors as unknown[])] : causes;
}

function describe(error: unknown): Omit<Thrown, 'causes'> {
  if (!(error instanceof Error)) return { message: `Thrown value: ${showValue(error)}`, stack: [] };
  // Any value can be assigned to both.
  const given: { readonly message: unknown; readonly stack?: unknown } = error;
  const text = String(given.message);
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const message = `${error.name}${code}: ${text}`.slice(0, maxMessageCharacters);
  const stack = framesOf(String(given.stack ?? ''), text);
  const source = readExcerpt(stack);
  return source === undefined ? { message, stack } : { message, stack, source };
}

/** The frames of a stack. The message, which may come from a client and look like frames, is skipped. */
function framesOf(stack: string, message: string): string[] {
  const at = stack.indexOf(message);
  const lines = (at < 0 ? stack : stack.slice(at + message.length)).split('\n', 1 + maxStackLines);
  return lines.flatMap((line) => /^\s+at (.*)$/.exec(line)?.[1] ?? []);
}
