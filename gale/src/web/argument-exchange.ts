/**
 * The arguments of a request: of its path, its query and its form. Abstract, between {@link CookieExchange} and {@link Exchange}.
 */
import { Arguments, decodeValue, resolveArgumentOptions, tidyValue, type ArgumentOptions } from './arguments.ts';
import { CookieExchange } from './cookies/cookie-exchange.ts';
import { MissingArgumentError } from './http-error.ts';

/** A request with arguments, and its response. */
export abstract class ArgumentExchange extends CookieExchange {
  /** Arguments of the verb: the decoded arguments of the path. Set before `prepare`. */
  pathArguments: readonly unknown[] = noArguments;
  /** Arguments of the form, after it was parsed. @internal */
  protected formArguments: Arguments | undefined;
  #query: Arguments | undefined;

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
    return this.#pick(name, this.formArguments?.last(name) ?? this.queryArguments.last(name), rest);
  }

  /** All values of an argument, first those of the query, then those of the form. Empty if it is missing. */
  getArguments(name: string, options?: ArgumentOptions): string[] {
    return [...this.getQueryArguments(name, options), ...this.getBodyArguments(name, options)];
  }

  /** Like {@link ArgumentExchange.getArgument}, but reads the query only. */
  getQueryArgument(name: string): string;
  getQueryArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getQueryArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.queryArguments.last(name), rest);
  }

  /** Like {@link ArgumentExchange.getArguments}, but reads the query only. */
  getQueryArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    const values = this.queryArguments.all(name);
    return values.map((value) => this.#decode(value, name, resolved));
  }

  /** Like {@link ArgumentExchange.getArgument}, but reads the form only. */
  getBodyArgument(name: string): string;
  getBodyArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getBodyArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.formArguments?.last(name), rest);
  }

  /** Like {@link ArgumentExchange.getArguments}, but reads the form only. */
  getBodyArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    return (this.formArguments?.all(name) ?? []).map((value) => this.#decode(value, name, resolved));
  }

  /** Arguments of the query. @internal */
  protected get queryArguments(): Arguments {
    if (this.#query === undefined) {
      this.#query = new Arguments();
      this.#query.add(this.request.query, this.settings.maxArguments);
    }
    return this.#query;
  }

  /** Arguments as they were sent, without one name, for schemas. @internal */
  protected argumentsAsSent(values: Arguments, omitted?: string): Record<string, string | string[]> {
    const object = Object.create(null) as Record<string, string | string[]>;
    for (const name of values.names()) {
      if (name === omitted) continue;
      const texts = values.all(name).map((value) => this.#decode(value, name, asSent));
      const [only = ''] = texts;
      object[name] = texts.length === 1 ? only : texts;
    }
    return object;
  }

  #pick(name: string, value: string | undefined, rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    const options = resolveArgumentOptions(rest[1]);
    if (value !== undefined) return this.#decode(value, name, options);
    if (rest.length === 0) throw new MissingArgumentError(name);
    return rest[0];
  }

  #decode(value: string, name: string, options: Required<ArgumentOptions>): string {
    const decode = this.decodeArgument;
    const text = decodeValue(value, name, decode && ((bytes) => decode.call(this, bytes, name)));
    return tidyValue(text, options);
  }
}

const noArguments: readonly unknown[] = Object.freeze([]);
const asSent: Required<ArgumentOptions> = Object.freeze({ strip: false, raw: true });
