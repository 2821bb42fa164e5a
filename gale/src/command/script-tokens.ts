/**
 * A scanner for TypeScript and JavaScript that finds names, texts and the characters between them. It is no parser: it skips comments and
 * regular expressions, and does not know types or JSX. The text of an element with a quote in it, as in `<p>Don't</p>`, ends with its line.
 */
import { parseExpressionAt } from 'acorn';

/** A name, a text without `${}`, or another character. */
export interface ScriptToken {
  readonly kind: 'name' | 'text' | 'other';
  /** The name, the value of the text, or the character; empty for a template with `${}`. */
  readonly value: string;
  /** Line, from 1. */
  readonly line: number;
}

/** Words after which a slash begins a regular expression. */
const wordsBeforeRegex: ReadonlySet<string> = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'do',
  'else',
  'await',
  'yield',
  'instanceof',
]);

const blank: RegExp = /\s+|\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*)/y;
const name: RegExp = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200C\u200D]*/uy;
const number: RegExp = /\d[\w.]*/y;
const quoted: RegExp = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
/** Bounded, since a slash that begins none would otherwise search the rest of its line. */
const regex: RegExp = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,500}\/[a-z]*/y;

/** Scans a text. Linear in its length. */
export function* scanScript(source: string): Generator<ScriptToken, void, void> {
  // What the braces of a template, or of the program, return to.
  const open: ('template' | 'brace')[] = [];
  let before: ScriptToken | undefined;
  let line = 1;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const skipped = take(blank);
    if (skipped !== undefined) {
      line += linesIn(skipped);
      at += skipped.length;
      continue;
    }
    const character = source[at] ?? '';
    let text: string | undefined;
    let token: ScriptToken;
    if ((text = take(name)) !== undefined) token = { kind: 'name', value: text, line };
    else if ((text = take(number)) !== undefined) token = { kind: 'other', value: text, line };
    else if ((text = take(quoted)) !== undefined) token = { kind: 'text', value: valueOf(text), line };
    else if (character === '`' || (character === '}' && open.at(-1) === 'template')) {
      if (character === '}') open.pop();
      const end = endOfChunk(source, at + 1);
      text = source.slice(at, end);
      const isWhole = character === '`' && text.endsWith('`');
      if (text.endsWith('${')) open.push('template');
      token = isWhole ? { kind: 'text', value: valueOf(text), line } : { kind: 'other', value: '', line };
    } else if (character === '/' && canBeRegex(before) && (text = take(regex)) !== undefined) {
      token = { kind: 'other', value: '/', line };
    } else {
      text = character;
      if (character === '{') open.push('brace');
      else if (character === '}') open.pop();
      token = { kind: 'other', value: character, line };
    }
    line += linesIn(text);
    at += text.length;
    before = token;
    yield token;
  }
}

/** The end of a part of a template: after its closing backquote, or after the next `${`. */
function endOfChunk(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '`') return at + 1;
    else if (source[at] === '$' && source[at + 1] === '{') return at + 2;
  }
  return source.length;
}

/** A slash after a value divides. */
function canBeRegex(before: ScriptToken | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'name') return wordsBeforeRegex.has(before.value);
  return before.kind === 'other' && /^[^)\]}\w]?$/.test(before.value) && before.value !== '';
}

/** The value of a literal, without running anything. */
function valueOf(literal: string): string {
  try {
    const node = parseExpressionAt(literal, 0, { ecmaVersion: 'latest' });
    if (node.type === 'Literal') return String(node.value);
    if (node.type === 'TemplateLiteral') return node.quasis[0]?.value.cooked ?? '';
  } catch {
    // An escape that JavaScript does not have, or a template that is not closed.
  }
  return '';
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
