/**
 * The tokenizer of templates: splits the source into text, outputs and tags, each with its line. It finds the end of an
 * expression (a `}}` inside a string or after an object does not end it), but does not interpret directives.
 */
import { tokenizer, tokTypes } from 'acorn';
import { TemplateError } from './template-error.ts';

/** A token of a template. */
export type Token = TextToken | OutputToken | TagToken;

/** Literal text. */
export interface TextToken {
  readonly kind: 'text';
  readonly text: string;
}

/** `{{ source }}` */
export interface OutputToken {
  readonly kind: 'output';
  /** The expression as written, never empty. */
  readonly source: string;
  readonly line: number;
}

/** `{% word operand %}` */
export interface TagToken {
  readonly kind: 'tag';
  readonly word: string;
  /** The trimmed text after the word; `''` if there is none. */
  readonly operand: string;
  readonly line: number;
}

/**
 * Splits a template into tokens. Adjacent text is one token; comments are omitted.
 *
 * @param file - Name of the template, for errors.
 * @throws {@link TemplateError} `TEMPLATE_SYNTAX` for an opener without a closer, or an empty tag.
 */
export function* tokenize(source: string, file: string): Generator<Token, void, void> {
  const fail = (reason: string, line: number): TemplateError =>
    new TemplateError('TEMPLATE_SYNTAX', reason, { file, line, via: [] });
  let text = '';
  let line = 1;
  let at = source.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    const open = findOpener(source, at);
    text += source.slice(at, open);
    line += countLines(source, at, open);
    if (open === source.length) break;
    const opener = source.slice(open, open + 2) as Opener;
    const start = open + 2;
    if (source[start] === '!') {
      text += opener;
      at = start + 1;
      continue;
    }
    const closer = closers[opener];
    const end = findCloser(source, start, opener);
    if (end === -1) throw fail(`Missing end ${closer.what} ${closer.text}`, line);
    const contents = source.slice(start, end);
    if (opener !== '{#') {
      if (text !== '') yield { kind: 'text', text };
      text = '';
      if (contents.trim() === '') throw fail(`Empty ${closer.what} (${opener} ${closer.text})`, line);
      // The line of an error is the line of the expression, which may be below its opener.
      const contentLine = line + countLines(contents, 0, contents.search(/\S/));
      if (opener === '{{') yield { kind: 'output', source: contents.trim(), line: contentLine };
      else yield toTag(contents, contentLine);
    }
    line += countLines(contents, 0, contents.length);
    at = end + 2;
  }
  if (text !== '') yield { kind: 'text', text };
}

type Opener = '{{' | '{%' | '{#';

const closers: Readonly<Record<Opener, { readonly text: string; readonly what: string }>> = {
  '{{': { text: '}}', what: 'expression' },
  '{%': { text: '%}', what: 'tag' },
  '{#': { text: '#}', what: 'comment' },
};

/** Tags with an expression or a pattern. The other tags have words, in which a quote may be unclosed. */
const expressionTag: RegExp = /\s*(?:if|elif|for|while|set|apply|module|raw|autoescape|catch|except)\b/y;

/** @returns The index of the next opener, or the length. Of three or more braces in a row, the innermost pair is the opener. */
function findOpener(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at !== -1; at = source.indexOf('{', at + 1)) {
    const next = source[at + 1];
    if (next === '%' || next === '#') return at;
    if (next === '{' && source[at + 2] !== '{') return at;
  }
  return source.length;
}

function findCloser(source: string, start: number, opener: Opener): number {
  const closer = closers[opener].text;
  const first = source.indexOf(closer, start);
  if (first === -1 || opener === '{#') return first;
  expressionTag.lastIndex = start;
  if (opener === '{%' && !expressionTag.test(source)) return first;
  // Without quotes, braces, slashes and templates, the first closer is the right one.
  if (!/[{'"`/]/.test(source.slice(start, first))) return first;
  return findCloserAfterScript(source, start, opener === '{{' ? '}}' : '%}') ?? first;
}

/** @returns The closer according to the tokens of JavaScript; `undefined` for invalid JavaScript, which the parser reports. */
function findCloserAfterScript(source: string, start: number, closer: '}}' | '%}'): number | undefined {
  const tokens = tokenizer(source.slice(start), { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: false });
  let depth = 0;
  try {
    for (let token = tokens.getToken(); token.type !== tokTypes.eof; token = tokens.getToken()) {
      const end = start + token.end;
      if (closer === '%}' && token.type === tokTypes.modulo && source[end] === '}') return end - 1;
      if (token.type === tokTypes.braceL || token.type === tokTypes.dollarBraceL) depth += 1;
      else if (token.type === tokTypes.braceR) {
        if (depth === 0) return closer === '}}' && source[end] === '}' ? end - 1 : undefined;
        depth -= 1;
      }
    }
  } catch {
    // Invalid JavaScript; the parser of expressions reports the error.
  }
  return undefined;
}

function toTag(contents: string, line: number): TagToken {
  const [, word = '', operand = ''] = /^\s*(\w+|\S+)\s*([^]*?)\s*$/.exec(contents) ?? [];
  return { kind: 'tag', word, operand, line };
}

function countLines(source: string, start: number, end: number): number {
  let lines = 0;
  for (let at = source.indexOf('\n', start); at !== -1 && at < end; at = source.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
