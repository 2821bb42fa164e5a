/** Tags of languages (BCP 47), such as `zh-CN`, and what follows from a tag alone. No I/O. */

/** Longest tag that is read: RFC 5646 §4.4.1 recommends room for 35 characters. */
export const maxTagCharacters = 35;

/** Scripts that are written from right to left. */
const rightToLeftScripts: ReadonlySet<string> = new Set([
  'Adlm',
  'Arab',
  'Hebr',
  'Mand',
  'Mend',
  'Nkoo',
  'Rohg',
  'Samr',
  'Syrc',
  'Thaa',
  'Yezi',
]);

/** Scripts by the modifiers of gettext, as in `sr_RS@latin`. */
const modifierScripts: Readonly<Record<string, string>> = { latin: 'Latn', cyrillic: 'Cyrl', arabic: 'Arab' };

/**
 * Reads the code of a locale as files, cookies and browsers write it: `zh-CN`, `zh_CN`, `ZH_cn.UTF-8`, `sr_RS@latin`.
 *
 * @returns The tag in its canonical spelling; `undefined` if the code is no tag.
 */
export function toLanguageTag(code: string): string | undefined {
  if (code.length > maxTagCharacters) return undefined;
  const match = /^([a-z]{2,8})((?:[-_][a-z\d]{1,8})*)(?:\.[\w-]+)?(?:@(\w+))?$/i.exec(code);
  if (match === null) return undefined;
  const [, language = '', rest = '', modifier] = match;
  const script = modifier === undefined ? '' : modifierScripts[modifier.toLowerCase()];
  if (script === undefined) return undefined;
  try {
    return new Intl.Locale(`${language}${script === '' ? '' : `-${script}`}${rest.replaceAll('_', '-')}`).toString();
  } catch {
    return undefined;
  }
}

/** Whether texts of a language run from right to left. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  const { script } = new Intl.Locale(tag).maximize();
  return script !== undefined && rightToLeftScripts.has(script) ? 'rtl' : 'ltr';
}

/**
 * The tag and its shorter forms, from the exact one to the language alone: `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647 §3.4). A single
 * letter at the end is removed with the subtag after it.
 */
export function truncations(tag: string): string[] {
  const parts = tag.split('-');
  const tags: string[] = [];
  while (parts.length > 0) {
    tags.push(parts.join('-'));
    parts.pop();
    if (parts.at(-1)?.length === 1) parts.pop();
  }
  return tags;
}
