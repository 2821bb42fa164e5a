/** The value of a Content-Type field (RFC 9110 §8.3): a media type and its parameters. No I/O. */

/** A media type. */
export interface MediaType {
  /** Type and subtype in lower case, such as `application/json`. */
  readonly type: string;
  /** Values by name in lower case, without quotes. Of equal names the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const typePattern: RegExp = new RegExp(`^[\\t ]*(${token}/${token})[\\t ]*(?=;|$)`);
const parameterPattern: RegExp = new RegExp(
  `;[\\t ]*(?:(${token})=(?:(${token})|"((?:[^"\\\\]|\\\\.)*)"))?[\\t ]*(?=;|$)`,
  'y',
);

/**
 * Reads a Content-Type. Parameters after a malformed one are ignored.
 *
 * @returns `undefined` if there is no type, or if it is malformed.
 */
export function readMediaType(value: string | undefined): MediaType | undefined {
  const [start = '', type] = typePattern.exec(value ?? '') ?? [];
  if (type === undefined || value === undefined) return undefined;
  const parameters = new Map<string, string>();
  parameterPattern.lastIndex = start.length;
  for (let match = parameterPattern.exec(value); match !== null; match = parameterPattern.exec(value)) {
    const [, name, plain, quoted = ''] = match;
    if (name === undefined || parameters.has(name.toLowerCase())) continue;
    parameters.set(name.toLowerCase(), plain ?? quoted.replace(/\\(.)/g, '$1'));
  }
  return { type: type.toLowerCase(), parameters };
}

/** Whether the type is JSON: `application/json`, or any with the suffix `+json` (RFC 6839 §3.1). */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}
