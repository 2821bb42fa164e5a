/** What a form needs of the handler of its request, which every `RequestHandler` has. */
import type { ArgumentOptions } from '../arguments.ts';
import type { UploadedFiles } from '../multipart/multipart-form.ts';
import type { SentField } from './field.ts';
import type { ReaderRequest } from './reader-language.ts';

/** What a form uses of a locale. */
export interface FormLocale {
  readonly code: string;
  translate(text: string): string;
  translate(text: string, plural: string, count: number): string;
}

/** What a form uses of a handler. */
export interface FormRequest extends Partial<ReaderRequest> {
  readonly settings: { readonly xsrfCookies: boolean };
  readonly files: UploadedFiles;
  /** Whether the application has the setting `locale`. */
  readonly application?: { readonly locales: object | undefined };
  /** The language of the reader, with that setting. */
  readonly locale?: FormLocale;
  readForm(): Promise<Readonly<Record<string, string | readonly string[]>>>;
  getQueryArguments(name: string, options?: ArgumentOptions): string[];
  xsrfFormHtml(): string;
}

/** What a client sent for the fields of a form, by name. */
export type SentFields = ReadonlyMap<string, Omit<SentField, 'choices'>>;

/**
 * Reads what was sent for these names; other names are ignored. Values are not trimmed.
 *
 * @throws {@link HttpError} 415 for a POST that is no form, 400 for text that is not UTF-8.
 */
export async function readSentFields(
  request: FormRequest,
  method: 'post' | 'get',
  names: readonly string[],
): Promise<SentFields> {
  if (method === 'get') {
    return new Map(names.map((name) => [name, { texts: request.getQueryArguments(name, { raw: true }), files: [] }]));
  }
  const form = await request.readForm();
  return new Map(
    names.map((name) => {
      const sent = form[name] ?? [];
      return [name, { texts: typeof sent === 'string' ? [sent] : sent, files: request.files[name] ?? [] }];
    }),
  );
}
