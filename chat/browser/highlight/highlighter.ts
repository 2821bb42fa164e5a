/** Splits code into tokens with colours. A chunk of its own, which a page loads with the first code block: see load-highlighter.ts. */
import { parse } from 'sugar-high/core';
import { lang, languages } from 'sugar-high/lang';

/** A part of the code. The style sheet has a colour for some kinds. */
export interface CodeToken {
  readonly kind: string;
  readonly text: string;
}

/** Code with a longer line is not highlighted: it is not meant to be read, and the time would not be linear in some languages. */
const maxLineChars = 1000;

/** @returns The tokens of the code, whose texts together are the code; undefined for an unknown language or very long lines. */
export function highlight(code: string, language: string): readonly CodeToken[] | undefined {
  const name = lang(language);
  const known = name === undefined ? undefined : languages.find(({ id }) => id === name);
  if (!known || code.split('\n').some((line) => line.length > maxLineChars)) return undefined;
  const tokens: CodeToken[] = [];
  for (const line of parse(code, known.config).lines) {
    if (line.index > 0) tokens.push({ kind: 'break', text: '\n' });
    for (const { type, value } of line.tokens) if (value !== '') tokens.push({ kind: type, text: value });
  }
  // The code is shown as it was sent, whatever the library does.
  return tokens.map(({ text }) => text).join('') === code ? tokens : undefined;
}
