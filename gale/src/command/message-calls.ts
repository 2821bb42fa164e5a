/** Finds the texts that programs and templates translate: `_('…')`, `locale.translate('…')`, `pgettext('…', '…')`. */
import { parseTemplate } from '../web/template/parse.ts';
import { tokenize } from '../web/template/tokens.ts';
import { scanScript, type ScriptToken } from './script-tokens.ts';
import type { SourceFile } from './source-files.ts';

/** A text to translate. */
export interface FoundMessage {
  readonly context: string | undefined;
  readonly text: string;
  readonly plural: string | undefined;
  /** `FILE:LINE`. */
  readonly place: string;
}

/** What the files of a project contain. */
export interface FoundMessages {
  readonly messages: readonly FoundMessage[];
  /** Places of calls whose text is no literal, so that it is not known. */
  readonly unknown: readonly string[];
}

/** Tags whose operand is no expression. */
const wordTags: ReadonlySet<string> = new Set(['block', 'comment', 'extends', 'include', 'whitespace']);

/**
 * Finds the texts of a template.
 *
 * @throws {@link TemplateError} If the template has an error.
 */
export function findInTemplate({ path, text }: SourceFile, functions: readonly string[] = []): FoundMessages {
  parseTemplate(text, path);
  const found: FoundMessages[] = [];
  for (const token of tokenize(text, path)) {
    if (token.kind === 'output') found.push(findInScript(token.source, path, functions, token.line));
    else if (token.kind === 'tag' && !wordTags.has(token.word))
      found.push(findInScript(token.operand, path, functions, token.line));
  }
  return {
    messages: found.flatMap(({ messages }) => messages),
    unknown: found.flatMap(({ unknown }) => unknown),
  };
}

/**
 * Finds the texts of a program, or of an expression.
 *
 * @param functions - Names of more functions that take a text, and perhaps a plural.
 * @param firstLine - The line of its beginning in the file.
 */
export function findInScript(
  source: string,
  path: string,
  functions: readonly string[] = [],
  firstLine = 1,
): FoundMessages {
  const messages: FoundMessage[] = [];
  const unknown: string[] = [];
  const tokens = [...scanScript(source)];
  for (const [index, token] of tokens.entries()) {
    const hasContext = isCallOf(tokens, index, functions);
    if (hasContext === undefined) continue;
    const place = `${path}:${token.line + firstLine - 1}`;
    const values = readTexts(tokens, index + 2);
    const context = hasContext ? values.shift() : undefined;
    const [text, plural] = values;
    if (text === undefined || (hasContext && context === undefined)) unknown.push(place);
    // The empty text is the header of a file.
    else if (text !== '') messages.push({ context, text, plural, place });
  }
  return { messages, unknown };
}

/** @returns Whether the call has a context; `undefined` if the token does not begin a call that translates. */
function isCallOf(tokens: readonly ScriptToken[], index: number, functions: readonly string[]): boolean | undefined {
  const token = tokens[index];
  const next = tokens[index + 1];
  if (token?.kind !== 'name' || next?.kind !== 'other' || next.value !== '(') return undefined;
  const before = tokens[index - 1]?.value;
  const isMember = before === '.';
  // A declaration, as of a method, is no call.
  if (!isMember && before === 'function') return undefined;
  // locale.translate, this.locale.translate, handler.locale?.translate
  const owner = tokens[index - 2]?.value === '?' ? tokens[index - 3]?.value : tokens[index - 2]?.value;
  if (token.value === '_' || functions.includes(token.value)) return isMember ? undefined : false;
  if (token.value === 'pgettext') return !isMember || owner === 'locale' ? true : undefined;
  return token.value === 'translate' && isMember && owner === 'locale' ? false : undefined;
}

/** Reads the arguments that are texts, up to the first one that is none. `'a' + 'b'` is one text. */
function readTexts(tokens: readonly ScriptToken[], from: number): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  for (let at = from; tokens[at]?.kind === 'text';) {
    let text = tokens[at]?.value ?? '';
    for (at++; tokens[at]?.value === '+' && tokens[at + 1]?.kind === 'text'; at += 2)
      text += tokens[at + 1]?.value ?? '';
    const end = tokens[at]?.value;
    if (end !== ',' && end !== ')') return texts;
    texts.push(text);
    at++;
    if (end === ')') return texts;
  }
  return texts;
}
