/** The language of the reader among those in which Gale has texts of forms, for applications without the setting `locale`. */
import { readAcceptLanguage } from '../locale/accept-language.ts';
import { Lookup } from '../locale/lookup.ts';
import { varyBy } from '../middleware/vary.ts';

/** What is used of a handler. */
export interface ReaderRequest {
  readonly request: { readonly headers: { get(name: string): string | undefined } };
  readonly phase: string;
  getHeader(name: string): string | undefined;
  addHeader(name: string, value: string): void;
}

/** The languages of form-texts.ts and chinese-form-texts.ts. */
const lookup = new Lookup(['en', 'zh-CN']);

/** The language for the request's Accept-Language (RFC 4647 §3.4), else English. Adds `Vary: Accept-Language` to the response. */
export function readerLanguage(handler: ReaderRequest): string {
  if (handler.phase === 'open') varyBy(handler, 'Accept-Language');
  const ranges = readAcceptLanguage(handler.request.headers.get('accept-language') ?? '');
  return ranges.map((range) => lookup.find(range)).find((tag) => tag !== undefined) ?? 'en';
}
