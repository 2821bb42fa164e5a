/**
 * The head of one part of a multipart form (RFC 7578 §4): the name of its field, the name of its file and its type. No I/O.
 */
import { HttpError } from '../http-error.ts';
import { readMediaType } from '../body/media-type.ts';
import { decodeUtf8, hasBrokenEscape, percentToBytes } from '../percent-encoding.ts';

/** Header fields of a part: values by name in lower case, one Latin-1 character for each byte. */
export type PartFields = Readonly<Record<string, readonly string[] | undefined>>;

/** Head of a part. */
export interface PartHead {
  /** Name of the field. */
  readonly name: string;
  /** Base name of the file, without folders; may be empty. `undefined`: the part is an ordinary field. */
  readonly filename: string | undefined;
  /** The Content-Type in lower case, without parameters. The client chooses it, so it may be wrong. */
  readonly type: string;
}

/** File systems have no longer names. */
const maxNameCharacters = 255;
const keptExtensionCharacters = 16;

/**
 * Reads the header fields of a part.
 *
 * @throws {@link HttpError} 400 for a part that is no field of a form.
 */
export function readPartHead(fields: PartFields): PartHead {
  const [disposition, ...more] = fields['content-disposition'] ?? [];
  if (disposition === undefined) throw malformed('a part has no Content-Disposition');
  if (more.length > 0) throw malformed('a part has several Content-Disposition fields');
  const encoding = fields['content-transfer-encoding']?.[0]?.trim().toLowerCase() ?? 'binary';
  // RFC 7578 §4.7: nobody sends others.
  if (!['7bit', '8bit', 'binary'].includes(encoding)) throw malformed('a part has a Content-Transfer-Encoding');
  const parameters = readDisposition(disposition);
  const name = parameters.get('name');
  if (name === undefined) throw malformed('a part has no name');
  const filename = extendedName(parameters.get('filename*')) ?? parameters.get('filename');
  const type = readMediaType(fields['content-type']?.[0])?.type;
  return {
    name: toText(name),
    filename: filename === undefined ? undefined : baseName(toText(filename)),
    type: type ?? (filename === undefined ? 'text/plain' : 'application/octet-stream'),
  };
}

/** The 400 for a multipart body that breaks the rules. */
export function malformed(problem: string): HttpError {
  return new HttpError(400, undefined, { problem: { detail: `The multipart body is malformed: ${problem}.` } });
}

const parameter =
  /;[\t ]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^";\t ][^";]*))?[\t ]*(?=;|$)/y;

/** The parameters by name in lower case. The quotes and their escapes are removed. */
function readDisposition(value: string): ReadonlyMap<string, string> {
  const start = /^[\t ]*form-data[\t ]*(?=;|$)/i.exec(value)?.[0].length;
  if (start === undefined) throw malformed('the Content-Disposition of a part is not form-data');
  const parameters = new Map<string, string>();
  const text = value.trimEnd();
  parameter.lastIndex = start;
  let end = start;
  for (let match = parameter.exec(text); match !== null; match = parameter.exec(text)) {
    const [, name = '', quoted, plain = ''] = match;
    if (parameters.has(name.toLowerCase())) throw malformed(`a part has the parameter ${name} twice`);
    // Browsers escape no backslash, so only before a quote or another backslash it is an escape.
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? plain.trimEnd());
    end = parameter.lastIndex;
  }
  if (end < text.length) throw malformed('the Content-Disposition of a part is not valid');
  return parameters;
}

/** Decodes `UTF-8''na%C3%AFve` (RFC 8187) to bytes, as Latin-1 text. */
function extendedName(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [, charset = '', encoded] = /^([^']*)'[^']*'([^']*)$/.exec(value) ?? [];
  const isLatin = /^iso-8859-1$/i.test(charset);
  if (encoded === undefined || hasBrokenEscape(encoded) || !(isLatin || /^utf-8$/i.test(charset))) {
    throw malformed('filename* of a part is not valid');
  }
  const bytes = percentToBytes(Buffer.from(encoded, 'latin1'));
  return isLatin ? Buffer.from(bytes.toString('latin1')).toString('latin1') : bytes.toString('latin1');
}

/** Decodes a Latin-1 character for each byte as UTF-8. */
function toText(value: string): string {
  let text: string;
  try {
    text = decodeUtf8(Buffer.from(value, 'latin1'));
  } catch {
    throw malformed('a name is not UTF-8');
  }
  // oxlint-disable-next-line no-control-regex -- Matches control characters except the tab.
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) throw malformed('a name has a control character');
  return text;
}

/** The part after the last slash or backslash. A long one keeps its extension. */
function baseName(filename: string): string {
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  if (name === '.' || name === '..') return '';
  if (name.length <= maxNameCharacters) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= keptExtensionCharacters ? name.slice(dot) : '';
  return (name.slice(0, maxNameCharacters - extension.length) + extension).toWellFormed();
}
