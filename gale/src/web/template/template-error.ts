/**
 * The error of the template language: what is wrong, in which file and line, and through which includes it was reached.
 * Raised when a template is loaded (its text is wrong) and when it is generated (an expression in it threw).
 */
import type { ErrorCode } from '../../errors.ts';
import { GaleError } from '../../errors.ts';
import { Finish, HttpError } from '../http-error.ts';

/** A place in a template. */
export interface TemplatePlace {
  /** Name of the template, as the loader knows it. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** The places that led here by `include` or by an overridden block, nearest first, as `FILE:LINE`. */
  readonly via: readonly string[];
}

/** The rows of the error table that belong to templates. */
export type TemplateErrorCode = Extract<ErrorCode, `TEMPLATE_${string}`>;

/** A template cannot be loaded or generated; the message reads `REASON at FILE:LINE (via FILE:LINE, …)`. */
export class TemplateError extends GaleError {
  override readonly name: string = 'TemplateError';
  declare readonly code: TemplateErrorCode;
  /** The message without the place. */
  readonly reason: string;
  /** Where; `undefined` only until the template that threw it has added its place. */
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
 * Names the place for an error that an expression of a template threw.
 *
 * @param error - What was thrown. An {@link HttpError}, a {@link Finish} or another {@link GaleError} is returned as it
 *   is, so that code called by a template can still end the request its own way; the place is then in its stack only.
 * @returns What to throw instead: a {@link TemplateError} whose `cause` is `error`.
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
  // A template that was generated inside this one has named its own place: this one is where it was reached from.
  const via = [...inner.via, `${place.file}:${place.line}`, ...place.via];
  return new TemplateError(error.code, error.reason, { ...inner, via }, { cause: error.cause });
}

/** Takes the compiler's look-up of a name out of an engine's words: they print it as `(((!(x === $$U)) || x) , x)`. */
function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\(\(\(!\(([\p{ID_Continue}$]+) === \$\$U\)\) \|\| \1\) , \1\)/gu, '$1');
}

function placeText({ file, line, via }: TemplatePlace): string {
  return `${file}:${line}${via.length === 0 ? '' : ` (via ${via.join(', ')})`}`;
}
