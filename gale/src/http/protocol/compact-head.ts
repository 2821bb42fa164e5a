/**
 * The head of a request whose connection was taken out of HTTP, in as little memory as it can be kept in: it may be kept as long as the
 * socket, for thousands of them, and is seldom asked for anything. Its fields are divided again if it is.
 */
import { FieldSection } from './field-section.ts';
import type { RequestHead } from './request-head.ts';

/** A head that says nothing about the connection any more. */
export class CompactHead implements RequestHead {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly version: '1.0' | '1.1';
  readonly host: string;
  readonly #text: string;
  #fields: FieldSection | undefined = undefined;

  constructor(head: RequestHead) {
    this.method = head.method;
    this.target = head.target;
    this.path = head.path;
    this.query = head.query;
    this.version = head.version;
    this.host = head.host;
    this.#text = head.fields.text;
  }

  get fields(): FieldSection {
    return (this.#fields ??= new FieldSection(this.#text, nothingNoted));
  }

  get declaredBytes(): number {
    return 0;
  }

  get keepAlive(): boolean {
    return false;
  }

  get expectsContinue(): boolean {
    return false;
  }

  get byteLength(): number {
    return 0;
  }
}

const nothingNoted: FieldSection['notes'] = {
  hostCount: 0,
  host: '',
  contentLength: -1,
  transferEncoding: undefined,
  connection: 0,
  expectation: undefined,
  hasIfNoneMatch: false,
};
