/**
 * The parser of templates: reads one file into a tree of nodes with lines and validated expressions. The compiler resolves
 * `extends` and `include`.
 */
import { listChoices, showValue } from '../../run/given-options.ts';
import type { Assignment, LoopHead, Pattern, Script } from './expression.ts';
import { parseAssignment, parseCatchPattern, parseExpression, parseLoopHead, parseModuleCall } from './expression.ts';
import { TemplateError } from './template-error.ts';
import type { TagToken, Token } from './tokens.ts';
import { tokenize } from './tokens.ts';
import type { WhitespaceMode } from './whitespace.ts';
import { defaultWhitespace, WhitespaceFilter, whitespaceModes } from './whitespace.ts';

/** One parsed file. Its parts are for the compiler only. */
export interface TemplateFile {
  /** Name of the template in its loader. */
  readonly name: string;
  /** @internal */
  readonly body: readonly TemplateNode[];
  /** The template of `{% extends %}`. @internal */
  readonly parent: Reference | undefined;
  /** The function of the last `{% autoescape %}`; `false` for `None`, `undefined` without the directive. @internal */
  readonly autoescape: Script | false | undefined;
}

/** The name of another template, as written. */
export interface Reference {
  readonly name: string;
  readonly line: number;
}

/** A named block, which a template that extends this one can replace. */
export interface BlockNode {
  readonly kind: 'block';
  readonly name: string;
  readonly body: readonly TemplateNode[];
  readonly line: number;
}

/** One `{% if %}` or `{% elif %}`. */
export interface Branch {
  readonly test: Script;
  readonly body: readonly TemplateNode[];
  readonly line: number;
}

/** A node of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Script; readonly raw: boolean; readonly line: number }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly orElse: readonly TemplateNode[] }
  | {
      readonly kind: 'for';
      readonly head: LoopHead;
      readonly body: readonly TemplateNode[];
      readonly orElse: readonly TemplateNode[] | undefined;
      readonly line: number;
    }
  | {
      readonly kind: 'while';
      readonly test: Script;
      readonly body: readonly TemplateNode[];
      readonly orElse: readonly TemplateNode[] | undefined;
      readonly line: number;
    }
  | {
      readonly kind: 'try';
      readonly body: readonly TemplateNode[];
      readonly handler: { readonly pattern: Pattern | undefined; readonly body: readonly TemplateNode[] } | undefined;
      readonly orElse: readonly TemplateNode[] | undefined;
      readonly final: readonly TemplateNode[] | undefined;
    }
  | BlockNode
  | { readonly kind: 'include'; readonly target: Reference }
  | { readonly kind: 'apply'; readonly with: Script; readonly body: readonly TemplateNode[]; readonly line: number }
  | { readonly kind: 'set'; readonly assignment: Assignment; readonly line: number }
  | { readonly kind: 'jump'; readonly word: 'break' | 'continue'; readonly line: number };

/**
 * Parses one template.
 *
 * @param name - Name for errors and for the default of `whitespace`.
 * @param whitespace - Mode until a directive changes it. Default: by the extension of the name.
 * @throws {@link TemplateError} `TEMPLATE_SYNTAX` or `TEMPLATE_EXPRESSION`, with the line.
 */
export function parseTemplate(source: string, name: string, whitespace?: WhitespaceMode): TemplateFile {
  return new Parser(source, name, whitespace ?? defaultWhitespace(name)).parse();
}

/**
 * Finds all errors of one template, where {@link parseTemplate} throws the first one.
 *
 * @returns The errors in the order of their lines. A missing end of an expression, a tag or a comment hides those after it.
 */
export function findTemplateErrors(source: string, name: string): TemplateError[] {
  const errors: TemplateError[] = [];
  try {
    new Parser(source, name, defaultWhitespace(name), (error) => errors.push(error)).parse();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    errors.push(error);
  }
  return errors.toSorted((left, right) => (left.place?.line ?? 0) - (right.place?.line ?? 0));
}

/** The context of a body: the open directive, and whether `break` is allowed. */
interface Around {
  readonly tag: TagToken | undefined;
  readonly inLoop: boolean;
}

/** A body and the tag that ended it: `end`, a tag like `else`, or the end of the file. */
interface Body {
  readonly nodes: TemplateNode[];
  readonly stop: TagToken | undefined;
}

/** The tags that divide a directive, each with its directives. */
const dividers: Readonly<Record<string, readonly string[]>> = {
  elif: ['if'],
  else: ['if', 'for', 'while', 'try'],
  except: ['try'],
  catch: ['try'],
  finally: ['try'],
};

/** Words of other template languages, with advice. */
const foreignWords: Readonly<Record<string, string>> = {
  elseif: 'write elif',
  endapply: 'write end',
  endblock: 'write end',
  endfor: 'write end',
  endif: 'write end',
  endwhile: 'write end',
  from: 'templates import nothing; pass what they need',
  import: 'templates import nothing; pass what they need',
};

/** What is read instead of a script with an error, so that errors after it are found too. */
const nothing: Script = { source: 'null', names: [] };
const noLoop: LoopHead = { pattern: { source: '_', names: [], binds: ['_'] }, iterable: { source: '[]', names: [] } };

class Parser {
  readonly #name: string;
  readonly #tokens: Iterator<Token, void, void>;
  readonly #filter = new WhitespaceFilter();
  #whitespace: WhitespaceMode;
  readonly #report: ((error: TemplateError) => void) | undefined;
  #parent: Reference | undefined;
  #autoescape: Script | false | undefined;

  /** @param report - Receives the errors after which parsing can continue. Without it, they are thrown. */
  constructor(source: string, name: string, whitespace: WhitespaceMode, report?: (error: TemplateError) => void) {
    this.#name = name;
    this.#report = report;
    this.#tokens = tokenize(source, name);
    this.#whitespace = whitespace;
  }

  parse(): TemplateFile {
    const { nodes } = this.#body({ tag: undefined, inLoop: false });
    return { name: this.#name, body: nodes, parent: this.#parent, autoescape: this.#autoescape };
  }

  #body(around: Around): Body {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const { done, value: token } = this.#tokens.next();
      if (done === true || token === undefined) {
        if (around.tag !== undefined) this.#fail(around.tag, `{% ${around.tag.word} %} has no {% end %}`);
        return { nodes, stop: undefined };
      }
      if (token.kind === 'text') nodes.push({ kind: 'text', text: this.#filter.filter(token.text, this.#whitespace) });
      else if (token.kind === 'output') {
        const value = this.#attempt(() => parseExpression(token.source, this.#place(token)), nothing);
        nodes.push({ kind: 'output', value, raw: false, line: token.line });
      } else if (token.word === 'end' || Object.hasOwn(dividers, token.word)) {
        if (this.#checkStop(token, around.tag)) return { nodes, stop: token };
      } else if (/^end\w/.test(token.word) && around.tag !== undefined) {
        // An error that is reported, but what was meant is clear.
        this.#tag(token, around);
        return { nodes, stop: { ...token, word: 'end' } };
      } else {
        const node = this.#attempt(() => this.#tag(token, around), undefined);
        if (node !== undefined) nodes.push(node);
      }
    }
  }

  /** @returns Whether the tag ends or divides the open one. */
  #checkStop(stop: TagToken, open: TagToken | undefined): boolean {
    const { word } = stop;
    if (word === 'end') {
      if (open === undefined) this.#fail(stop, 'Extra {% end %}: nothing is open here');
      return open !== undefined;
    }
    const places = dividers[word]?.join(', ');
    if (open === undefined || dividers[word]?.includes(open.word) !== true) {
      const reason =
        open === undefined ? `outside of ${places}` : `belongs to ${places}; it cannot divide ${open.word}`;
      this.#fail(stop, `{% ${word} %} ${reason}`);
      return false;
    }
    if ((word === 'else' || word === 'finally') && stop.operand !== '') {
      this.#fail(stop, `{% ${word} %} takes no argument${word === 'else' ? '; write elif' : ''}`);
    }
    return true;
  }

  /** @returns The node, or `undefined` for a tag that only changes the state of the file. */
  #tag(tag: TagToken, around: Around): TemplateNode | undefined {
    const { word, operand, line } = tag;
    const inside: Around = { tag, inLoop: around.inLoop };
    switch (word) {
      case 'comment':
        return undefined;
      case 'if':
        return this.#if(tag, inside);
      case 'for':
      case 'while':
        return this.#loop(tag, around);
      case 'try':
        return this.#try(inside);
      case 'block': {
        const name = this.#attempt(() => this.#operand(tag), '');
        return { kind: 'block', name, body: this.#closed(inside), line };
      }
      case 'apply': {
        const fn = this.#expression(tag);
        // The text of apply is collected first: a break would lose it.
        return { kind: 'apply', with: fn, body: this.#closed({ tag, inLoop: false }), line };
      }
      case 'include':
        return { kind: 'include', target: this.#reference(tag) };
      case 'raw':
        return { kind: 'output', value: this.#expression(tag), raw: true, line };
      case 'module':
        return { kind: 'output', value: this.#expression(tag, parseModuleCall), raw: true, line };
      case 'set':
        return this.#attempt(
          () => ({ kind: 'set', assignment: parseAssignment(this.#operand(tag), this.#place(tag)), line }),
          undefined,
        );
      case 'break':
      case 'continue':
        if (!around.inLoop) this.#fail(tag, `{% ${word} %} outside of for and while`);
        return { kind: 'jump', word, line };
      case 'extends':
        if (around.tag !== undefined) this.#fail(tag, `{% extends %} inside ${around.tag.word}`);
        if (this.#parent !== undefined) this.#fail(tag, 'A template extends one template');
        this.#parent = this.#reference(tag);
        return undefined;
      case 'autoescape':
        this.#autoescape = /^(?:None|null)$/.test(operand) ? false : this.#expression(tag);
        return undefined;
      case 'whitespace':
        this.#whitespace = this.#mode(tag);
        return undefined;
      default: {
        const help = foreignWords[word];
        this.#fail(tag, `Unknown tag {% ${word} %}${help === undefined ? '' : `: ${help}`}`);
        return undefined;
      }
    }
  }

  #if(open: TagToken, inside: Around): TemplateNode {
    const branches: Branch[] = [];
    for (let tag = open; ;) {
      const test = this.#expression(tag);
      const { nodes, stop } = this.#body(inside);
      branches.push({ test, body: nodes, line: tag.line });
      if (stop?.word === 'elif') tag = stop;
      else return { kind: 'if', branches, orElse: stop?.word === 'else' ? this.#closed(inside) : [] };
    }
  }

  #loop(tag: TagToken, around: Around): TemplateNode {
    const { line } = tag;
    if (tag.word === 'for') {
      const head = this.#attempt(() => parseLoopHead(this.#operand(tag), this.#place(tag)), noLoop);
      return { kind: 'for', head, ...this.#loopBody(tag, around), line };
    }
    const test = this.#expression(tag);
    return { kind: 'while', test, ...this.#loopBody(tag, around), line };
  }

  #loopBody(
    tag: TagToken,
    around: Around,
  ): { readonly body: TemplateNode[]; readonly orElse: TemplateNode[] | undefined } {
    const { nodes: body, stop } = this.#body({ tag, inLoop: true });
    // After else the loop has ended: a break there belongs to an outer loop.
    const orElse = stop?.word === 'else' ? this.#closed({ tag, inLoop: around.inLoop }) : undefined;
    return { body, orElse };
  }

  #try(inside: Around): TemplateNode {
    const { nodes: body, stop } = this.#body(inside);
    let handler: { readonly pattern: Pattern | undefined; readonly body: readonly TemplateNode[] } | undefined;
    let orElse: readonly TemplateNode[] | undefined;
    let final: readonly TemplateNode[] | undefined;
    for (let tag = stop; tag !== undefined && tag.word !== 'end';) {
      const late = final !== undefined || (tag.word !== 'finally' && orElse !== undefined);
      const twice = handler !== undefined && (tag.word === 'catch' || tag.word === 'except');
      if (late || twice) {
        this.#fail(tag, `{% ${tag.word} %} is too late: try has catch, else, finally, in this order`);
      } else if (tag.word === 'else' && handler === undefined) {
        this.#fail(tag, '{% else %} of try needs a catch before it');
      }
      const next = this.#body(inside);
      if (tag.word === 'finally') final = next.nodes;
      else if (tag.word === 'else') orElse = next.nodes;
      else {
        const { operand } = tag;
        const place = this.#place(tag);
        const pattern = operand === '' ? undefined : this.#attempt(() => parseCatchPattern(operand, place), undefined);
        handler = { pattern, body: next.nodes };
      }
      tag = next.stop;
    }
    // Without an end the rest of it is unknown.
    if (stop !== undefined && handler === undefined && final === undefined && inside.tag !== undefined) {
      this.#fail(inside.tag, '{% try %} needs {% catch %} or {% finally %}');
    }
    return { kind: 'try', body, handler, orElse, final };
  }

  /** Reads a body that only `end` can close. */
  #closed(inside: Around): TemplateNode[] {
    const { nodes, stop } = this.#body(inside);
    if (stop === undefined || stop.word === 'end') return nodes;
    this.#fail(stop, `{% ${stop.word} %} after {% else %}`);
    return [...nodes, ...this.#closed(inside)];
  }

  #expression(tag: TagToken, parse = parseExpression): Script {
    return this.#attempt(() => parse(this.#operand(tag), this.#place(tag)), nothing);
  }

  /** @param fallback - The result after an error that was reported. */
  #attempt<Result, Fallback>(read: () => Result, fallback: Fallback): Result | Fallback {
    try {
      return read();
    } catch (error) {
      if (this.#report === undefined || !(error instanceof TemplateError)) throw error;
      this.#report(error);
      return fallback;
    }
  }

  /** Reports an error after which parsing can continue. Without a report, it throws. */
  #fail(tag: TagToken, reason: string): void {
    const error = this.#error(tag, reason);
    if (this.#report === undefined) throw error;
    this.#report(error);
  }

  #operand(tag: TagToken): string {
    if (tag.operand === '') throw this.#error(tag, `{% ${tag.word} %} needs an argument`);
    return tag.operand;
  }

  #reference(tag: TagToken): Reference {
    const name = this.#operand(tag).replace(/^(["'])(.*)\1$/, '$2');
    if (name === '') throw this.#error(tag, `{% ${tag.word} %} needs the name of a template`);
    return { name, line: tag.line };
  }

  #mode(tag: TagToken): WhitespaceMode {
    const mode = whitespaceModes.find((name) => name === tag.operand);
    if (mode === undefined) {
      throw this.#error(tag, `Whitespace mode must be ${listChoices(whitespaceModes)}; got ${showValue(tag.operand)}`);
    }
    return mode;
  }

  #place({ line }: { readonly line: number }): { readonly file: string; readonly line: number } {
    return { file: this.#name, line };
  }

  #error({ line }: TagToken, reason: string): TemplateError {
    return new TemplateError('TEMPLATE_SYNTAX', reason, { file: this.#name, line, via: [] });
  }
}
