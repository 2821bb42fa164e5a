/**
 * The request of a handler: its body, validation, files and XSRF token. Abstract, between {@link ArgumentExchange} and {@link RequestHandler}.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GaleError } from '../errors.ts';
import { ArgumentExchange } from './argument-exchange.ts';
import { wrongType } from './body/body-reader.ts';
import { isJsonType } from './body/media-type.ts';
import { XsrfTokens } from './cookies/xsrf-tokens.ts';
import { xhtmlEscape } from './escape.ts';
import { stateOf } from './head-builder.ts';
import { noFiles, type UploadedFiles } from './multipart/multipart-form.ts';
import { streamParts, type StreamedPart } from './multipart/streamed-part.ts';
import { formTypes, multipartType, type ValidatedParts } from './read-request.ts';
import { bodyMethods, type RouteSchemas } from './validation/route-schemas.ts';
import { validate } from './validation/validate.ts';

/** A request and its response. */
export abstract class Exchange extends ArgumentExchange {
  /**
   * Reads the body as JSON. Can be called again, with the same result. The limit is `maxBodyBytes` of the server.
   *
   * @returns Any JSON value; check it with a schema.
   * @throws {@link HttpError} 415 if the Content-Type is not `application/json` or one with `+json`, or names another charset than UTF-8;
   *   400 for an empty body, malformed JSON (with the position), text that is not UTF-8, and a member `__proto__`. {@link GaleError} 413.
   */
  readJson(): Promise<unknown> {
    return stateOf(this).read.body.json();
  }

  /**
   * Reads the fields of a form, urlencoded or multipart. Can be called again. Files are in {@link Exchange.files}.
   *
   * @returns The values as they were sent: a string each, an array of strings for a name with several. The object has no prototype.
   * @throws {@link HttpError} 415 for another Content-Type, 400 for text that is not UTF-8. {@link GaleError} 413.
   */
  async readForm(): Promise<Readonly<Record<string, string | readonly string[]>>> {
    return this.argumentsAsSent(await stateOf(this).read.loadForm());
  }

  /**
   * Reads the body as text, in the charset of its Content-Type or UTF-8. A byte order mark is dropped. Can be called again.
   *
   * @throws {@link HttpError} 400 if the bytes are not of that charset, 415 if it is unknown. {@link GaleError} 413.
   */
  readText(): Promise<string> {
    return stateOf(this).read.body.text();
  }

  /**
   * Reads the whole body, decoded if it has a Content-Encoding. Unlike `request.body` it can be called again, also after a form was
   * parsed. Not for handlers with `onData`, which receive the body in parts.
   *
   * @throws {@link HttpError} 400 for content that is corrupt or truncated, 415 for an unknown coding. {@link GaleError} 413.
   */
  readBytes(): Promise<Buffer> {
    return stateOf(this).read.body.bytes();
  }

  /**
   * Reads the body and checks it with a schema: JSON, or the fields of a form as {@link Exchange.readForm} returns them, without `_xsrf` if the
   * setting `xsrfCookies` is on.
   *
   * @param schema - Any Standard Schema, such as one of Zod 4, Valibot or ArkType.
   * @returns The output of the schema.
   * @throws {@link ValidationError} 422; else as {@link Exchange.readJson} and {@link Exchange.readForm}.
   * @example
   * const { title } = await this.body(z.object({ title: z.string().min(1) }));
   */
  async body<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    const { read } = stateOf(this);
    const type = read.body.mediaType?.type ?? '';
    const isForm = formTypes.includes(type);
    if (!isForm && !isJsonType(type)) throw wrongType(['application/json', ...formTypes].join(', '));
    const value = isForm ? this.argumentsAsSent(await read.loadForm(), tokenName(this)) : await this.readJson();
    return validate('body', schema, value);
  }

  /**
   * Checks the query with a schema, like {@link Exchange.body}. It is an object with a string for each name, or an array of strings for a
   * name with several values.
   *
   * @throws {@link ValidationError} 400
   * @example
   * const { page } = await this.query(z.object({ page: z.coerce.number().int().min(1).default(1) }));
   */
  async query<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    return validate('query', schema, this.argumentsAsSent(stateOf(this).read.query, tokenName(this)));
  }

  /**
   * Checks the arguments of the path with a schema, like {@link Exchange.body}. They are an object by name; for a regular expression an
   * array of its groups.
   *
   * @throws {@link ValidationError} 400
   */
  async params<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    const [first] = this.pathArguments;
    return validate('params', schema, typeof first === 'object' && first !== null ? first : this.pathArguments);
  }

  /** Outputs of the schemas of the route, by part of the request: `this.validated.body`. Functions get it with its types. */
  get validated(): ValidatedParts {
    return stateOf(this).wasRead?.validated ?? nothingValidated;
  }

  /**
   * Checks the request with the schemas of its route. The body of POST, PUT and PATCH only.
   *
   * @throws {@link ValidationError} 400 or 422
   * @internal
   */
  async validateRoute({ params, query, body }: RouteSchemas): Promise<void> {
    const validated: { params?: unknown; query?: unknown; body?: unknown } = {};
    if (params !== undefined) validated.params = await this.params(params);
    if (query !== undefined) validated.query = await this.query(query);
    if (body !== undefined && bodyMethods.includes(this.request.method)) validated.body = await this.body(body);
    stateOf(this).read.validated = validated;
  }

  /**
   * Files of a multipart form, by the names of their fields: `this.files.photo?.[0]`. Each name has a list. The object has no prototype, so
   * no name is there that the client did not send. Files that are not moved are removed when the response is complete.
   */
  get files(): UploadedFiles {
    return stateOf(this).wasRead?.files ?? noFiles;
  }

  /**
   * Iterates the parts of a multipart form as they arrive, with backpressure. The handler needs `static bodyMode = 'stream'`. Read a part
   * before the loop continues; what was not read is skipped. Leaving the loop discards the rest of the body.
   *
   * @throws {@link HttpError} 415 for another Content-Type, 400 for a malformed or truncated body, 413 over a limit. {@link GaleError}
   *   `WEB_HANDLER` without `bodyMode`, `HTTP_BODY_TAKEN` if the body was read before.
   * @example
   * for await (const part of this.parts()) {
   *   if (part.filename !== undefined) await pipeline(part.stream(), createWriteStream(pathFor(part)));
   * }
   */
  parts(): AsyncIterable<StreamedPart> {
    const { body, form } = stateOf(this).read;
    const { mediaType } = body;
    if (mediaType?.type !== multipartType) throw wrongType(multipartType);
    if (form !== undefined) {
      throw new GaleError(
        'WEB_HANDLER',
        "parts() needs static bodyMode = 'stream'; the form was read before the verb.",
      );
    }
    return streamParts(body.parts(), this.request.body, mediaType.parameters.get('boundary'), this.settings);
  }

  /** Parses a form; other bodies are not read. Called before `prepare`. @internal */
  parseForm(): Promise<void> {
    return stateOf(this).read.parseForm();
  }

  /**
   * XSRF token of the client, masked for this request and bound to {@link Exchange.xsrfBinding}. Reading it sets the cookie if the
   * request has none. Over https the name of the cookie begins with `__Host-`.
   */
  get xsrfToken(): string {
    return xsrfTokensOf(this).text(() => this.isKnownUser());
  }

  /**
   * Override to bind XSRF tokens to a text, such as the id of the session: a form of one session is then refused in another. By
   * default they are not bound.
   *
   * {@link RequestHandler.currentUser} is known when it is called, except for the error page of a request that failed before. If a response begins a session, return its id from then on: pages
   * are bound to the session that the browser has after the response. The cookie alone is then no valid token; scripts need
   * {@link Exchange.xsrfToken} from the page.
   *
   * @returns Any text, at best secret; `undefined` or an empty text for none.
   */
  xsrfBinding(): string | undefined {
    return undefined;
  }

  /** Hidden form field with the token. In a template: `{% raw xsrfFormHtml() %}`. */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${xhtmlEscape(this.xsrfToken)}"/>`;
  }

  /**
   * Refuses a request that a page of another site sent, by `Sec-Fetch-Site` and `Origin`. Pages of this site and of the setting
   * `allowedOrigins` may send it. Then compares the token of the argument `_xsrf`, or of the header X-Xsrftoken or X-Csrftoken, with
   * the token of the cookie. Called before `prepare` for all methods except GET, HEAD and OPTIONS. Override it with an empty method
   * to exempt a handler.
   *
   * @throws {@link HttpError} 403
   */
  checkXsrfCookie(): void {
    xsrfTokensOf(this).check();
  }

  /** Whether there is a signed-in user. */
  protected abstract isKnownUser(): boolean;
}

function xsrfTokensOf(handler: Exchange): XsrfTokens {
  return (stateOf(handler).read.xsrf ??= new XsrfTokens(handler));
}

/** The argument that schemas do not see: strict ones would refuse it. */
function tokenName({ settings }: Exchange): string | undefined {
  return settings.xsrfCookies ? '_xsrf' : undefined;
}

const nothingValidated: ValidatedParts = Object.freeze({});
