/**
 * Errors of templates, with file, line and the chain of includes. Thrown when a template is loaded (invalid text) or
 * rendered (an expression threw).
 */
import type { ErrorCode } from '../../errors.ts';
import { GaleError } from '../../errors.ts';
import { Finish, HttpError } from '../http-error.ts';

/** A place in a template. */
export interface TemplatePlace {
  /** Name of the template in its loader. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** The includes and overridden blocks that led here, nearest first, as `FILE:LINE`. */
  readonly via: readonly string[];
}

/** Error codes of templates. */
export type TemplateErrorCode = Extract<ErrorCode, `TEMPLATE_${string}`>;

/** A template cannot be loaded or rendered. The message has the form `REASON at FILE:LINE (via FILE:LINE, …)`. */
export class TemplateError extends GaleError {
  override readonly name: string = 'TemplateError';
  declare readonly code: TemplateErrorCode;
  /** The message without the place. */
  readonly reason: string;
  /** Place of the error. `undefined` only until the template adds it. */
  readonly place: TemplatePlace | undefined;

  constructor(
    code: TemplateErrorCode,
    reason: string,
    place?: TemplatePlace,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, place === undefined ? reason : `${reason} at ${placeText(place)}`, options);
    this.reason = reason;
    this.place = place;
  }
}

/**
 * Adds the place to an error that an expression of a template threw.
 *
 * @param error - The thrown value. An {@link HttpError}, {@link Finish} or other {@link GaleError} is returned unchanged, so
 *   that functions called by a template can end the request. Only its stack then has the place.
 * @returns The error to throw: a {@link TemplateError} whose `cause` is `error`.
 */
export function locateError(error: unknown, place: TemplatePlace): unknown {
  if (error instanceof TemplateError) return locateTemplateError(error, place);
  if (error instanceof HttpError || error instanceof Finish || error instanceof GaleError) {
    error.stack += `\n    in template ${placeText(place)}`;
    return error;
  }
  return new TemplateError('TEMPLATE_RUNTIME', plainMessage(error), place, { cause: error });
}

function locateTemplateError(error: TemplateError, place: TemplatePlace): TemplateError {
  const inner = error.place;
  if (inner === undefined) return new TemplateError(error.code, error.reason, place);
  // An inner template has added its own place already; this place is where it was called.
  const via = [...inner.via, `${place.file}:${place.line}`, ...place.via];
  return new TemplateError(error.code, error.reason, { ...inner, via }, { cause: error.cause });
}

/** Removes the compiled lookup of a name from a message of the engine, which prints it as `(((!(x === $$U)) || x) , x)`. */
function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\(\(\(!\(([\p{ID_Continue}$]+) === \$\$U\)\) \|\| \1\) , \1\)/gu, '$1');
}

function placeText({ file, line, via }: TemplatePlace): string {
  return `${file}:${line}${via.length === 0 ? '' : ` (via ${via.join(', ')})`}`;
}
