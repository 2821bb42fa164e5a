/**
 * Finds the free names of an expression, and rejects statements, assignments and code that loads other code. It walks the
 * syntax tree of acorn.
 */
import type { AnyNode, Identifier } from 'acorn';

/** A name that an expression uses but does not bind. */
export interface FreeName {
  readonly name: string;
  /** Index of its first character in the expression's source. */
  readonly start: number;
  readonly end: number;
  /** True if the expression can be evaluated without this name (`b` in `a && b`, everything in a function). */
  readonly conditional: boolean;
  /** True in `{ name }`, where it is both key and value. */
  readonly shorthand: boolean;
  /** True in `typeof name`, where a missing name is not an error. */
  readonly probe: boolean;
}

/** The expression contains something that templates do not allow. */
export class NotAllowed extends Error {
  /** Index into the source. */
  readonly pos: number;

  constructor(message: string, pos: number) {
    super(message);
    this.pos = pos;
  }
}

/**
 * Finds the free names of an expression.
 *
 * @returns The free names, in source order.
 * @throws {@link NotAllowed} for the first part that is not an expression, or that changes a value.
 */
export function findFreeNames(expression: AnyNode): FreeName[] {
  const names: FreeName[] = [];
  visit(expression, { names, bound: new Set(), conditional: false });
  return names;
}

/**
 * Reads a binding pattern: `name`, `[a, b = 1]`, `{ id, name: title }`.
 *
 * @returns The bound names, and the free names in defaults and computed keys.
 * @throws {@link NotAllowed} if it is not a pattern of names.
 */
export function findBoundNames(pattern: AnyNode): { readonly binds: string[]; readonly names: FreeName[] } {
  const binds: string[] = [];
  const names: FreeName[] = [];
  bind(pattern, binds);
  // The defaults of a pattern can use the names that it binds.
  visitPattern(pattern, { names, bound: new Set(binds), conditional: true });
  return { binds, names };
}

interface Walk {
  readonly names: FreeName[];
  /** Names bound by the enclosing functions. */
  readonly bound: ReadonlySet<string>;
  readonly conditional: boolean;
}

/** Identifiers that are values of JavaScript, not names of templates. */
const valueWords: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity']);

/** Names that templates may not use. */
const refusedNames: ReadonlySet<string> = new Set(['arguments', 'eval']);

function visit(node: AnyNode, walk: Walk): void {
  const each = (children: readonly (AnyNode | null)[], inner: Walk = walk): void => {
    for (const child of children) if (child !== null) visit(child, inner);
  };
  const later: Walk = { ...walk, conditional: true };
  switch (node.type) {
    case 'Identifier':
      return addName(node, walk, {});
    case 'Literal':
    case 'TemplateElement':
      return;
    case 'ArrayExpression':
      return each(node.elements);
    case 'ObjectExpression':
      return each(node.properties);
    case 'Property':
      if (node.computed) visit(node.key, walk);
      if (node.shorthand && node.value.type === 'Identifier') return addName(node.value, walk, { shorthand: true });
      return visit(node.value, walk);
    case 'UnaryExpression':
      if (node.operator === 'delete')
        throw new NotAllowed('An expression must not change a value; got delete', node.start);
      if (node.operator === 'typeof' && node.argument.type === 'Identifier') {
        return addName(node.argument, later, { probe: true });
      }
      return visit(node.argument, walk);
    case 'BinaryExpression':
      return each([node.left, node.right]);
    case 'LogicalExpression':
      visit(node.left, walk);
      return visit(node.right, later);
    case 'ConditionalExpression':
      visit(node.test, walk);
      return each([node.consequent, node.alternate], later);
    case 'CallExpression':
    case 'NewExpression':
      return each([node.callee, ...node.arguments]);
    case 'MemberExpression':
      visit(node.object, walk);
      if (node.computed) visit(node.property, walk);
      return;
    case 'ChainExpression':
      return visitChain(node.expression, walk);
    case 'SequenceExpression':
    case 'TemplateLiteral':
      return each(node.expressions);
    case 'TaggedTemplateExpression':
      return each([node.tag, node.quasi]);
    case 'SpreadElement':
      return visit(node.argument, walk);
    case 'ParenthesizedExpression':
      return visit(node.expression, walk);
    case 'ArrowFunctionExpression': {
      if (node.async)
        throw new NotAllowed('A function must not be async; await in the handler and pass the value', node.start);
      if (!node.expression) throw new NotAllowed('A function must be one expression, x => …; got a block', node.start);
      const binds: string[] = [];
      for (const param of node.params) bind(param, binds);
      const inner: Walk = { ...later, bound: new Set([...walk.bound, ...binds]) };
      for (const param of node.params) visitPattern(param, inner);
      return visit(node.body, inner);
    }
    default:
      throw new NotAllowed(refusal(node), node.start);
  }
}

/** Visits `a?.b[c](d)`: only the part before the first `?.` is always evaluated. */
function visitChain(node: AnyNode, walk: Walk): void {
  const later: Walk = { ...walk, conditional: true };
  if (node.type === 'CallExpression') {
    visitChain(node.callee, walk);
    for (const argument of node.arguments) visit(argument, later);
  } else if (node.type === 'MemberExpression') {
    visitChain(node.object, walk);
    if (node.computed) visit(node.property, later);
  } else visit(node, walk);
}

/** Visits the parts of a pattern that are evaluated: defaults and computed keys. */
function visitPattern(node: AnyNode | null, walk: Walk): void {
  if (node === null) return;
  switch (node.type) {
    case 'AssignmentPattern':
      visitPattern(node.left, walk);
      return visit(node.right, walk);
    case 'ArrayPattern':
      for (const element of node.elements) visitPattern(element, walk);
      return;
    case 'ObjectPattern':
      for (const property of node.properties) {
        if (property.type === 'Property' && property.computed) visit(property.key, walk);
        visitPattern(property.type === 'Property' ? property.value : property.argument, walk);
      }
      return;
    case 'RestElement':
      return visitPattern(node.argument, walk);
    default:
  }
}

function bind(node: AnyNode | null, binds: string[]): void {
  if (node === null) return;
  switch (node.type) {
    case 'Identifier':
      checkName(node);
      if (valueWords.has(node.name)) {
        throw new NotAllowed(`A variable name must not be undefined, NaN or Infinity; got ${node.name}`, node.start);
      }
      binds.push(node.name);
      return;
    case 'AssignmentPattern':
      return bind(node.left, binds);
    case 'ArrayPattern':
      for (const element of node.elements) bind(element, binds);
      return;
    case 'ObjectPattern':
      for (const property of node.properties) bind(property.type === 'Property' ? property.value : property, binds);
      return;
    case 'RestElement':
      return bind(node.argument, binds);
    default:
      throw new NotAllowed(`A variable must be a name or a pattern of names; got ${node.type}`, node.start);
  }
}

function addName(node: Identifier, walk: Walk, kind: { readonly shorthand?: true; readonly probe?: true }): void {
  const { name, start, end } = node;
  checkName(node);
  if (walk.bound.has(name) || valueWords.has(name)) return;
  const { conditional } = walk;
  walk.names.push({ name, start, end, conditional, shorthand: kind.shorthand ?? false, probe: kind.probe ?? false });
}

function checkName({ name, start }: Identifier): void {
  if (refusedNames.has(name))
    throw new NotAllowed(`A name must not be ${[...refusedNames].join(' or ')}; got ${name}`, start);
  if (name.startsWith('$$'))
    throw new NotAllowed(`A name must not start with $$, which is reserved; got ${name}`, start);
}

function refusal(node: AnyNode): string {
  switch (node.type) {
    case 'AssignmentExpression':
    case 'UpdateExpression':
      return 'An expression must not assign; use {% set name = value %}';
    case 'FunctionExpression':
      return 'A function must be one expression, x => …; got function';
    case 'ImportExpression':
    case 'MetaProperty':
      return 'A template must not import; pass the value to it';
    case 'AwaitExpression':
      return 'A template must not await; await in the handler and pass the value';
    case 'ThisExpression':
      return 'A template must not use this; pass the value to it';
    default:
      return `An expression must not contain ${node.type}`;
  }
}
