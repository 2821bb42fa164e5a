/**
 * The expressions of templates: parsed by acorn, validated to be one expression, and written as JavaScript that looks up
 * each possibly missing name when it is evaluated.
 */
import type { AnyNode, Expression as ScriptExpression, Node, Options } from 'acorn';
import { parse } from 'acorn';
import type { FreeName } from './free-names.ts';
import { findBoundNames, findFreeNames, NotAllowed } from './free-names.ts';
import { TemplateError } from './template-error.ts';

/** A part of JavaScript and its free names. Positions are relative to the start of `source`. */
export interface Script {
  readonly source: string;
  readonly names: readonly FreeName[];
}

/** The variable of `for` and `catch`: a name or a destructuring pattern. */
export interface Pattern extends Script {
  readonly binds: readonly string[];
}

/** `pattern of iterable` */
export interface LoopHead {
  readonly pattern: Pattern;
  readonly iterable: Script;
}

/** `pattern = value`, or `name += value` and its like. */
export interface Assignment {
  readonly pattern: Pattern;
  readonly operator: string;
  readonly value: Script;
}

/** Place of a part of JavaScript. */
export interface ScriptPlace {
  readonly file: string;
  readonly line: number;
}

/**
 * Parses one expression.
 *
 * @throws {@link TemplateError} `TEMPLATE_EXPRESSION` if it is not an expression, or not allowed in templates.
 */
export function parseExpression(source: string, place: ScriptPlace): Script {
  return reporting(source, place, opening, () => readWhole(source, toScript));
}

/** Parses `Name(args)` of `{% module %}` into the call of that function of `modules`. */
export function parseModuleCall(source: string, place: ScriptPlace): Script {
  reporting(source, place, opening, () =>
    readWhole(source, (_code, call) => {
      let node: AnyNode = call;
      while (node.type === 'CallExpression' || node.type === 'MemberExpression') {
        node = node.type === 'CallExpression' ? node.callee : node.object;
      }
      if (call.type !== 'CallExpression' || node.type !== 'Identifier') {
        throw new NotAllowed('module needs a call: {% module Name(…) %}', 0);
      }
    }),
  );
  return parseExpression(`modules.${source}`, place);
}

/** Parses the operand of `for`: `x in xs`, `x of xs`, `[key, value] of entries`. */
export function parseLoopHead(operand: string, place: ScriptPlace): LoopHead {
  const source = operand.replace(/^(?:let|const|var)\s+(?!(?:of|in)\b)/, '');
  const prefix = 'for (let ';
  return reporting(operand, place, prefix, () => {
    const code = `${prefix}${source}\n);`;
    const [loop, ...rest] = parse(code, parseOptions).body;
    const isLoop = loop?.type === 'ForOfStatement' || loop?.type === 'ForInStatement';
    if (!isLoop || loop.body.type !== 'EmptyStatement' || loop.left.type !== 'VariableDeclaration' || rest.length > 0) {
      throw new NotAllowed('for needs a variable and what to loop over: {% for x in xs %}', prefix.length);
    }
    const id = loop.left.declarations[0]?.id;
    if (id === undefined) throw new NotAllowed('for needs a variable', prefix.length);
    if (loop.right.type === 'SequenceExpression') {
      throw new NotAllowed('A list to loop over is written [a, b]', loop.right.start);
    }
    return { pattern: toPattern(code, id), iterable: toScript(code, loop.right) };
  });
}

/** Parses the operand of `set`: `x = 1`, `[a, b] = pair`, `count += 1`. */
export function parseAssignment(source: string, place: ScriptPlace): Assignment {
  return reporting(source, place, opening, () =>
    readWhole(source, (code, node) => {
      if (node.type !== 'AssignmentExpression') throw new NotAllowed('set needs {% set name = value %}', 1);
      const pattern = toPattern(code, node.left);
      return { pattern, operator: node.operator, value: toScript(code, node.right) };
    }),
  );
}

/** Parses the variable of `{% catch error %}`. */
export function parseCatchPattern(source: string, place: ScriptPlace): Pattern {
  const prefix = 'try {} catch (';
  return reporting(source, place, prefix, () => {
    const code = `${prefix}${source}\n) {}`;
    const [statement, ...rest] = parse(code, parseOptions).body;
    const param = statement?.type === 'TryStatement' ? statement.handler?.param : undefined;
    if (param === undefined || param === null || rest.length > 0) {
      throw new NotAllowed('catch takes one variable: {% catch error %}', prefix.length);
    }
    return toPattern(code, param);
  });
}

/**
 * Writes a script and replaces names.
 *
 * @param replace - Returns the replacement of a name, or `undefined` to keep it.
 */
export function writeScript(script: Script, replace: (name: FreeName) => string | undefined): string {
  let code = '';
  let at = 0;
  for (const name of script.names) {
    const replacement = replace(name);
    if (replacement === undefined) continue;
    code += `${script.source.slice(at, name.start)}${name.shorthand ? `${name.name}: ` : ''}${replacement}`;
    at = name.end;
  }
  return code + script.source.slice(at);
}

const parseOptions: Options = {
  ecmaVersion: 'latest',
  sourceType: 'module',
  allowHashBang: false,
  allowAwaitOutsideFunction: false,
};

/** Prefix of the source in {@link readWhole}: in parentheses, `{ a, b } = pair` is an expression. */
const opening = '(';

/** Parses the whole `source` as one expression, and passes its node and the code to which its positions refer. */
function readWhole<Result>(source: string, read: (code: string, node: ScriptExpression) => Result): Result {
  const code = `${opening}${source}\n)`;
  const [statement, ...rest] = parse(code, { ...parseOptions, preserveParens: true }).body;
  // A source that closes the parenthesis has more than one expression.
  if (
    statement?.type !== 'ExpressionStatement' ||
    statement.expression.type !== 'ParenthesizedExpression' ||
    statement.expression.end !== code.length ||
    rest.length > 0
  ) {
    throw new NotAllowed('One expression is needed', 0);
  }
  return read(code, statement.expression.expression);
}

function toScript(code: string, node: Node): Script {
  return cut(code, node, findFreeNames(node as AnyNode));
}

function toPattern(code: string, node: Node): Pattern {
  const { binds, names } = findBoundNames(node as AnyNode);
  return { ...cut(code, node, names), binds };
}

/** Cuts out the source of a node, with positions relative to it. */
function cut(code: string, node: Node, names: readonly FreeName[]): Script {
  return {
    source: code.slice(node.start, node.end),
    names: names.map((name) => ({ ...name, start: name.start - node.start, end: name.end - node.start })),
  };
}

/** Runs `read`. Its errors become a {@link TemplateError} with the line inside the tag. */
function reporting<Result>(source: string, place: ScriptPlace, prefix: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotAllowed || error instanceof SyntaxError)) throw error;
    const pos = Math.max(0, ('pos' in error && typeof error.pos === 'number' ? error.pos : 0) - prefix.length);
    const line = place.line + source.slice(0, pos).split('\n').length - 1;
    const reason = error.message.replace(/ \(\d+:\d+\)$/, '');
    throw new TemplateError('TEMPLATE_EXPRESSION', `${reason} in \`${source}\`${hint(source, error)}`, {
      file: place.file,
      line,
      via: [],
    });
  }
}

/** Advice for expressions of Tornado that are not JavaScript. */
function hint(source: string, error: Error): string {
  if (error instanceof NotAllowed) return '';
  if (/^\w+\s*,/.test(source)) return ' (several variables are written [a, b])';
  if (!/\b(?:and|or|not|is|if|else|lambda)\b/.test(source)) return '';
  return ' (expressions are JavaScript: && || ! for and, or, not; a ? b : c for b if a else c)';
}
