/**
 * The tokenizer of templates: text -> text pieces, outputs and tags, each with its line. It knows where an expression
 * ends (a `}}` inside a string or behind an object does not end one) and nothing of what directives mean.
 */
import { tokenizer, tokTypes } from 'acorn';
import { TemplateError } from './template-error.ts';

/** A piece of a template. */
export type Token = TextToken | OutputToken | TagToken;

/** Text that is printed as it stands. */
export interface TextToken {
  readonly kind: 'text';
  readonly text: string;
}

/** `{{ source }}` */
export interface OutputToken {
  readonly kind: 'output';
  /** The expression, as written; never blank. */
  readonly source: string;
  readonly line: number;
}

/** `{% word operand %}` */
export interface TagToken {
  readonly kind: 'tag';
  readonly word: string;
  /** What follows the word, trimmed; `''` if nothing does. */
  readonly operand: string;
  readonly line: number;
}

/**
 * Cuts a template into its pieces; neighbouring text is one piece, comments are left out.
 *
 * @param file - Name of the template, for errors.
 * @throws {@link TemplateError} `TEMPLATE_SYNTAX` where an opener has no closer, or holds nothing.
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
      // An expression that starts on the line below its opener is reported there.
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

/** Tags that hold an expression or a pattern; all others hold words, in which a quote need not be closed. */
const expressionTag: RegExp = /\s*(?:if|elif|for|while|set|apply|module|raw|autoescape|catch|except)\b/y;

/** @returns The index of the next opener, or the length. Of three or more braces in a row the innermost pair counts. */
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
  // Without quotes, braces, slashes or a template the first closer is the only one it can be.
  if (!/[{'"`/]/.test(source.slice(start, first))) return first;
  return findCloserBehindScript(source, start, opener === '{{' ? '}}' : '%}') ?? first;
}

/** @returns The closer as JavaScript's own tokens tell it; `undefined` where they make no sense, which parsing then says. */
function findCloserBehindScript(source: string, start: number, closer: '}}' | '%}'): number | undefined {
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
    // Not JavaScript; the parser of expressions says what is wrong with it.
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
