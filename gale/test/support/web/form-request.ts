/** Requests that send a form, without a server, for tests of forms. */
import type { SentField } from '../../../src/web/forms/field.ts';
import type { FormRequest } from '../../../src/web/forms/form-request.ts';
import { UploadedFile } from '../../../src/web/multipart/uploaded-file.ts';

/** A request that sent these fields and files. */
export function formRequest(
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  files: FormRequest['files'] = {},
): FormRequest {
  return {
    settings: { xsrfCookies: false },
    files,
    readForm: () => Promise.resolve(fields),
    getQueryArguments: (name) => [fields[name] ?? []].flat(),
    xsrfFormHtml: () => '',
  };
}

/** A field for which these texts were sent. */
export function sent(...texts: readonly string[]): SentField {
  return { texts, files: [], choices: undefined };
}

/** An uploaded file. */
export function uploaded(filename: string, type: string, bytes: string): UploadedFile {
  const content = Buffer.from(bytes);
  return new UploadedFile({ name: 'file', filename, type }, { bytes: content }, content.length);
}
