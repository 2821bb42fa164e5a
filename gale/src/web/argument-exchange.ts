/**
 * The arguments of a request: of its path, its query and its form. Abstract, between {@link CookieExchange} and {@link Exchange}.
 */
import { type Arguments, decodeValue, resolveArgumentOptions, tidyValue, type ArgumentOptions } from './arguments.ts';
import { CookieExchange } from './cookies/cookie-exchange.ts';
import { stateOf } from './head-builder.ts';
import { MissingArgumentError } from './http-error.ts';

/** A request with arguments, and its response. */
export abstract class ArgumentExchange extends CookieExchange {
  /** Arguments of the verb: the decoded arguments of the path. Set before `prepare`. */
  get pathArguments(): readonly unknown[] {
    return stateOf(this).pathArguments;
  }

  set pathArguments(values: readonly unknown[]) {
    stateOf(this).pathArguments = values;
  }

  /**
   * Define it to decode arguments in another encoding than UTF-8. Undefined by default.
   *
   * @throws {@link HttpError} 400 if the bytes are not valid.
   */
  decodeArgument?(value: Uint8Array, name: string): string;

  /**
   * Returns the last value of an argument. The form takes precedence over the query.
   * Control characters become spaces.
   *
   * @param fallback - Result for a missing argument. Left out: {@link MissingArgumentError}, 400.
   * @throws {@link HttpError} 400 if the value is not UTF-8.
   */
  getArgument(name: string): string;
  getArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    const { form, query } = stateOf(this).read;
    return pick(this, name, form?.last(name) ?? query.last(name), rest);
  }

  /** All values of an argument, first those of the query, then those of the form. Empty if it is missing. */
  getArguments(name: string, options?: ArgumentOptions): string[] {
    return [...this.getQueryArguments(name, options), ...this.getBodyArguments(name, options)];
  }

  /** Like {@link ArgumentExchange.getArgument}, but reads the query only. */
  getQueryArgument(name: string): string;
  getQueryArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getQueryArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return pick(this, name, stateOf(this).read.query.last(name), rest);
  }

  /** Like {@link ArgumentExchange.getArguments}, but reads the query only. */
  getQueryArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    return stateOf(this)
      .read.query.all(name)
      .map((value) => decode(this, value, name, resolved));
  }

  /** Like {@link ArgumentExchange.getArgument}, but reads the form only. */
  getBodyArgument(name: string): string;
  getBodyArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getBodyArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return pick(this, name, stateOf(this).read.form?.last(name), rest);
  }

  /** Like {@link ArgumentExchange.getArguments}, but reads the form only. */
  getBodyArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    return (stateOf(this).read.form?.all(name) ?? []).map((value) => decode(this, value, name, resolved));
  }

  /** Arguments as they were sent, without one name, for schemas. @internal */
  protected argumentsAsSent(values: Arguments, omitted?: string): Record<string, string | string[]> {
    const object = Object.create(null) as Record<string, string | string[]>;
    for (const name of values.names()) {
      if (name === omitted) continue;
      const texts = values.all(name).map((value) => decode(this, value, name, asSent));
      const [only = ''] = texts;
      object[name] = texts.length === 1 ? only : texts;
    }
    return object;
  }
}

function pick(
  handler: ArgumentExchange,
  name: string,
  value: string | undefined,
  rest: [fallback?: unknown, options?: ArgumentOptions],
): unknown {
  const options = resolveArgumentOptions(rest[1]);
  if (value !== undefined) return decode(handler, value, name, options);
  if (rest.length === 0) throw new MissingArgumentError(name);
  return rest[0];
}

function decode(handler: ArgumentExchange, value: string, name: string, options: Required<ArgumentOptions>): string {
  const { decodeArgument } = handler;
  const text = decodeValue(value, name, decodeArgument && ((bytes) => decodeArgument.call(handler, bytes, name)));
  return tidyValue(text, options);
}

const asSent: Required<ArgumentOptions> = Object.freeze({ strip: false, raw: true });
