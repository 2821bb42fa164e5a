/**
 * What was read of a request: cookies, query, form, files, body and the outputs of schemas. Each part is read once, when it is first needed,
 * and kept. exchange.ts, argument-exchange.ts and cookie-exchange.ts have the methods for handlers.
 */
import type { HttpRequest } from '../http/request.ts';
import { Arguments } from './arguments.ts';
import { BodyReader, wrongType } from './body/body-reader.ts';
import { parseCookies } from './cookies/cookies.ts';
import type { XsrfTokens } from './cookies/xsrf-tokens.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import { noFiles, readMultipartForm, removeFiles, type UploadedFiles } from './multipart/multipart-form.ts';

/** Outputs of the schemas of a route. */
export interface ValidatedParts {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** The parts of one request. */
export class ReadRequest {
  readonly body: BodyReader;
  /** Arguments of the form, after it was parsed. */
  form: Arguments | undefined;
  files: UploadedFiles = noFiles;
  validated: ValidatedParts | undefined;
  xsrf: XsrfTokens | undefined;
  readonly #request: HttpRequest;
  readonly #settings: ResolvedHandlerSettings;
  #cookies: Map<string, string> | undefined;
  #query: Arguments | undefined;
  #formParsing: Promise<void> | undefined;
  #areFilesRemoved = false;

  constructor(request: HttpRequest, settings: ResolvedHandlerSettings) {
    this.#request = request;
    this.#settings = settings;
    this.body = new BodyReader(request, settings);
  }

  /** Cookies by name. */
  get cookies(): ReadonlyMap<string, string> {
    return (this.#cookies ??= parseCookies(this.#request.headers.get('cookie') ?? ''));
  }

  /** Arguments of the query. */
  get query(): Arguments {
    if (this.#query === undefined) {
      this.#query = new Arguments();
      this.#query.add(this.#request.query, this.#settings.maxArguments);
    }
    return this.#query;
  }

  /** Parses a form; other bodies are not read. */
  parseForm(): Promise<void> {
    return (this.#formParsing ??= this.#parseForm());
  }

  /**
   * The arguments of a form, which is parsed if it was not.
   *
   * @throws {@link HttpError} 415 for another Content-Type.
   */
  async loadForm(): Promise<Arguments> {
    await this.parseForm();
    if (this.form === undefined) throw wrongType(formTypes.join(', '));
    return this.form;
  }

  /** Removes the files that were not moved, when the response is complete. */
  removeFiles(): void {
    this.#areFilesRemoved = true;
    if (this.files === noFiles) return;
    removeFiles(this.files).catch((error: unknown) => {
      this.#settings.log.error({ err: error }, 'Temporary files of an upload could not be removed');
    });
  }

  async #parseForm(): Promise<void> {
    const settings = this.#settings;
    const { type, parameters } = this.body.mediaType ?? {};
    if (type === urlencodedType) {
      this.#request.body.useLimit(settings.maxFormBytes, 'maxFormBytes');
      const bytes = await this.body.bytes();
      const form = new Arguments();
      form.add(bytes.toString('latin1'), settings.maxArguments);
      this.form = form;
    } else if (type === multipartType) {
      const form = new Arguments();
      this.files = await readMultipartForm(
        this.body.parts(),
        this.#request.body,
        parameters?.get('boundary'),
        settings,
        form,
      );
      this.form = form;
      // The client may have left meanwhile.
      if (this.#areFilesRemoved) this.removeFiles();
    }
  }
}

const urlencodedType = 'application/x-www-form-urlencoded';
/** The type of a form with files. */
export const multipartType = 'multipart/form-data';
/** The types of forms. */
export const formTypes: readonly string[] = [urlencodedType, multipartType];
