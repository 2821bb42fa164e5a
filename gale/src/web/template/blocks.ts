/**
 * Inheritance between templates: the chain of `extends` of a template, and which body each named block has in it.
 */
import type { BlockNode, TemplateFile, TemplateNode } from './parse.ts';
import { TemplateError } from './template-error.ts';

/** Finds the file that a template names; `from` is the file that names it. */
export type ResolveFile = (name: string, from: TemplateFile, line: number) => TemplateFile;

/** A template and the templates that it extends. */
export interface Chain {
  /** The file that extends no other; its text is the output. */
  readonly base: TemplateFile;
  /** The block of each name and its file. Of several, the block of the file furthest from the base. */
  readonly blocks: ReadonlyMap<string, BlockOwner>;
}

/** A block and its file, whose autoescape applies to it. */
export interface BlockOwner {
  readonly block: BlockNode;
  readonly file: TemplateFile;
}

/**
 * Follows `extends` from `file` to its base and collects the blocks, also those of included files.
 *
 * @throws {@link TemplateError} `TEMPLATE_LOOP` if a file extends or includes itself, directly or through others. The message
 *   names the files in order.
 */
export function followChain(file: TemplateFile, resolve: ResolveFile): Chain {
  const files = [file];
  for (let at = file; at.parent !== undefined;) {
    const parent = resolve(at.parent.name, at, at.parent.line);
    assertNoLoop(files, parent, 'extends', { file: at.name, line: at.parent.line });
    files.push(parent);
    at = parent;
  }
  const blocks = new Map<string, BlockOwner>();
  // Base first, so that files that extend it replace its blocks.
  for (const each of files.toReversed()) collectBlocks(each, each.body, resolve, [each], blocks);
  return { base: files.at(-1) ?? file, blocks };
}

/** @throws {@link TemplateError} `TEMPLATE_LOOP` if `next` is one of the files that led to it. */
export function assertNoLoop(
  path: readonly TemplateFile[],
  next: TemplateFile,
  verb: 'extends' | 'includes',
  place: { readonly file: string; readonly line: number },
): void {
  const start = path.findIndex(({ name }) => name === next.name);
  if (start === -1) return;
  const names = [...path.slice(start), next].map(({ name }) => name).join(' -> ');
  throw new TemplateError('TEMPLATE_LOOP', `\`${next.name}\` ${verb} itself: ${names}`, { ...place, via: [] });
}

function collectBlocks(
  file: TemplateFile,
  nodes: readonly TemplateNode[],
  resolve: ResolveFile,
  path: readonly TemplateFile[],
  blocks: Map<string, BlockOwner>,
): void {
  for (const node of nodes) {
    if (node.kind === 'block') blocks.set(node.name, { block: node, file });
    if (node.kind === 'include') {
      const included = resolve(node.target.name, file, node.target.line);
      assertNoLoop(path, included, 'includes', { file: file.name, line: node.target.line });
      // A file that extends another has its own chain of blocks, which the compiler follows.
      if (included.parent === undefined) collectBlocks(included, included.body, resolve, [...path, included], blocks);
    }
    for (const body of bodiesOf(node)) collectBlocks(file, body, resolve, path, blocks);
  }
}

function bodiesOf(node: TemplateNode): readonly (readonly TemplateNode[])[] {
  switch (node.kind) {
    case 'if':
      return [...node.branches.map(({ body }) => body), node.orElse];
    case 'for':
    case 'while':
      return [node.body, node.orElse ?? []];
    case 'try':
      return [node.body, node.handler?.body ?? [], node.orElse ?? [], node.final ?? []];
    case 'block':
    case 'apply':
      return [node.body];
    default:
      return [];
  }
}
