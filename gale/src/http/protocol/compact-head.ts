/**
 * The head of an upgraded request, in as little memory as possible: it may live as long as the socket, on thousands of connections, and is
 * rarely read. Its header fields are parsed again on use.
 */
import { FieldSection } from './field-section.ts';
import type { RequestHead } from './request-head.ts';

/** A head without the fields that controlled the HTTP connection. */
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
    return (this.#fields ??= new FieldSection(this.#text, noNotes));
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

const noNotes: FieldSection['notes'] = {
  hostCount: 0,
  host: '',
  contentLength: -1,
  transferEncoding: undefined,
  connection: 0,
  expectation: undefined,
  isConditional: false,
};
