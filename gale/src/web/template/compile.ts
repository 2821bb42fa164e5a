/**
 * The compiler of templates: writes a template, and all templates that it extends and includes, as one JavaScript function
 * that joins strings. Names are variables of that function; a passed name is looked up once, at its first use. The names
 * that start with `$$` are in `runtime.ts`.
 */
import type { BlockOwner, Chain, ResolveFile } from './blocks.ts';
import { assertNoLoop, followChain } from './blocks.ts';
import type { Pattern, Script } from './expression.ts';
import { writeScript } from './expression.ts';
import type { FreeName } from './free-names.ts';
import type { BlockNode, Branch, TemplateFile, TemplateNode } from './parse.ts';
import type { TemplatePlace } from './template-error.ts';
import { TemplateError } from './template-error.ts';

/** The text of a function and the places of its errors. */
export interface CompiledTemplate {
  /** Body of a function of `$$d` (the namespace), in strict mode, that returns the output or yields its chunks. */
  readonly code: string;
  /** The place for each value of the variable `$$p`. */
  readonly places: readonly TemplatePlace[];
}

/** Options of {@link compileTemplate}. */
export interface CompileOptions {
  /** Finds the templates of `extends` and `include`. */
  readonly resolve: ResolveFile;
  /** Escape of outputs in files without `{% autoescape %}`: `$$e` is the default, `$$c` the function of the loader. */
  readonly escape: '$$e' | '$$c' | undefined;
  /** True for a generator that yields chunks, false for a function that returns the whole output. */
  readonly chunks: boolean;
}

/**
 * Compiles a template.
 *
 * @throws {@link TemplateError} If a template that it extends or includes cannot be loaded, or includes itself.
 */
export function compileTemplate(file: TemplateFile, options: CompileOptions): CompiledTemplate {
  return new Compiler(options).compile(file);
}

/** A generator yields its buffer from this length on. */
const chunkChars = 16_384;

/** Maximum parts of one statement. More would nest too deeply for the JavaScript parser. */
const maxPieces = 64;

/** State of the compiler at one point of the output function. */
interface Flow {
  /** The file whose text is being compiled. */
  readonly file: TemplateFile;
  /** The chain of includes, with the current file last. */
  readonly path: readonly TemplateFile[];
  readonly via: readonly string[];
  readonly blocks: ReadonlyMap<string, BlockOwner>;
  /** Names bound by the enclosing loops and handlers. */
  readonly bound: ReadonlySet<string>;
  /** Names that certainly have a value here. Grows with each statement. */
  readonly known: Set<string>;
  /** Variable of the output. */
  readonly buffer: string;
  /** True inside `try`, where each output is a statement of its own, so that the output before an error is kept. */
  readonly guarded: boolean;
  /** The loop that `break` leaves: the flag for its `else`, and its place. */
  readonly loop: { readonly flag: string | undefined; readonly place: number } | undefined;
}

class Compiler {
  readonly #options: CompileOptions;
  readonly #code: string[] = [];
  readonly #variables = new Set<string>();
  readonly #places: TemplatePlace[] = [];
  readonly #placeIndex = new Map<string, number>();
  /** Parts of the pending output statement. */
  #pieces: string[] = [];
  #piecesBuffer = '';
  /** Value of `$$p` at this point; -1 if it depends on a branch. */
  #place = -1;
  #serial = 0;

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  compile(file: TemplateFile): CompiledTemplate {
    const chain = followChain(file, this.#options.resolve);
    const buffer = '$$o';
    this.#nodes(chain.base.body, {
      ...openChain(chain),
      path: [chain.base],
      via: [],
      bound: new Set(),
      known: new Set(),
      buffer,
      guarded: false,
      loop: undefined,
    });
    this.#flush();
    const variables = [...this.#variables].map((name) => `let ${name} = $$U;`).join(' ');
    const last = this.#options.chunks ? `if (${buffer} !== '') yield ${buffer};` : `return ${buffer};`;
    const body = `try {\n${this.#code.join('\n')}\n} catch ($$x) { throw $$l($$x, $$p); }\n${last}`;
    return { code: `let ${buffer} = '', $$p = 0; ${variables}\n${body}`, places: this.#places };
  }

  #nodes(nodes: readonly TemplateNode[], flow: Flow): void {
    for (const node of nodes) this.#node(node, flow);
  }

  #node(node: TemplateNode, flow: Flow): void {
    switch (node.kind) {
      case 'text':
        if (node.text !== '') this.#print(JSON.stringify(node.text), flow);
        return;
      case 'output':
        return this.#output(node.value, node.raw, node.line, flow);
      case 'if':
        return this.#if(node.branches, node.orElse, flow);
      case 'for':
      case 'while':
        return this.#loop(node, flow);
      case 'try':
        return this.#try(node, flow);
      case 'block':
        return this.#block(node, flow);
      case 'include':
        return this.#include(node.target, flow);
      case 'apply':
        return this.#apply(node, flow);
      case 'set':
        return this.#set(node, flow);
      case 'jump':
        return this.#jump(node, flow);
    }
  }

  #output(value: Script, raw: boolean, line: number, flow: Flow): void {
    const escape = flow.file.autoescape;
    const place = this.#placeOf(line, flow);
    this.#lookUp([value, ...(raw || !escape ? [] : [escape])], place, flow);
    const code = this.#script(value, flow);
    const source = JSON.stringify(value.source);
    let text = `$$s(${code}, ${source})`;
    if (!raw && escape !== false) {
      if (escape !== undefined) text = `$$s(${this.#script(escape, flow)}(${text}), ${JSON.stringify(escape.source)})`;
      else if (this.#options.escape === '$$e') text = `$$e(${code}, ${source})`;
      else if (this.#options.escape === '$$c') text = `$$s($$c(${text}), 'autoescape')`;
    }
    if (this.#place !== place) text = `($$p = ${place}, ${text})`;
    this.#place = place;
    this.#print(text, flow);
  }

  #if(branches: readonly Branch[], orElse: readonly TemplateNode[], flow: Flow): void {
    // The names of an elif are evaluated only if the tests before it fail, so each elif is in the else of the test before.
    const [branch, ...rest] = branches;
    if (branch === undefined) return this.#nodes(orElse, flow);
    this.#write(`if (${this.#statementScript(branch.test, branch.line, flow)}) {`);
    this.#branch(branch.body, flow);
    if (rest.length > 0 || orElse.length > 0) {
      this.#join('} else {');
      this.#if(rest, orElse, { ...flow, known: new Set(flow.known) });
    }
    this.#join('}');
  }

  #loop(node: Extract<TemplateNode, { kind: 'for' | 'while' }>, flow: Flow): void {
    const flag = node.orElse === undefined ? undefined : this.#fresh();
    const place = this.#placeOf(node.line, flow);
    const loop = { flag, place };
    if (flag !== undefined) this.#write(`let ${flag} = true;`);
    if (node.kind === 'for') {
      const { pattern, iterable } = node.head;
      const list = this.#fresh();
      const value = this.#statementScript(iterable, node.line, flow);
      // Outside of the loop head, where a variable of the same name would shadow the list.
      this.#write(`const ${list} = $$i(${value}, ${JSON.stringify(iterable.source)});`);
      const bound = new Set([...flow.bound, ...pattern.binds]);
      this.#write(`for (let ${this.#script(pattern, { ...flow, bound })} of ${list}) {`);
      this.#branch(node.body, { ...flow, bound, loop }, place);
    } else {
      this.#lookUp([node.test], place, flow);
      this.#write(`while (($$p = ${place}, ${this.#script(node.test, flow)})) {`);
      this.#branch(node.body, { ...flow, loop }, place);
    }
    this.#join('}');
    if (flag === undefined) return;
    this.#write(`if (${flag}) {`);
    this.#branch(node.orElse ?? [], flow);
    this.#join('}');
  }

  #jump(node: { readonly word: 'break' | 'continue'; readonly line: number }, flow: Flow): void {
    if (flow.loop === undefined) {
      const place = { file: flow.file.name, line: node.line, via: flow.via };
      throw new TemplateError('TEMPLATE_SYNTAX', `{% ${node.word} %} in a block that is used outside of a loop`, place);
    }
    const { flag, place } = flow.loop;
    if (node.word === 'continue') this.#setPlace(place);
    else if (flag !== undefined) this.#write(`${flag} = false;`);
    this.#write(`${node.word};`);
  }

  #try(node: Extract<TemplateNode, { kind: 'try' }>, flow: Flow): void {
    const { handler, orElse, final } = node;
    const done = orElse === undefined ? undefined : this.#fresh();
    if (done !== undefined) this.#write(`let ${done} = false;`);
    // An error in else reaches finally but not catch, so all three together need two statements.
    if (final !== undefined) this.#write('try {');
    if (handler !== undefined) {
      this.#write('try {');
      this.#branch(node.body, { ...flow, guarded: true });
      if (done !== undefined) this.#write(`${done} = true;`);
      const { pattern } = handler;
      const bound = new Set([...flow.bound, ...(pattern?.binds ?? [])]);
      this.#join(`} catch${pattern === undefined ? '' : ` (${this.#script(pattern, { ...flow, bound })})`} {`);
      this.#branch(handler.body, { ...flow, bound });
      this.#join('}');
    } else this.#branch(node.body, flow);
    if (done !== undefined) {
      this.#write(`if (${done}) {`);
      this.#branch(orElse ?? [], flow);
      this.#join('}');
    }
    if (final === undefined) return;
    this.#join('} finally {');
    this.#branch(final, flow);
    this.#join('}');
  }

  #block(node: BlockNode, flow: Flow): void {
    // A block never contains itself: of two definitions the inner one is collected last and is used.
    const { block, file } = flow.blocks.get(node.name) ?? { block: node, file: flow.file };
    const here = { file: flow.file.name, line: node.line, via: flow.via };
    const via = file === flow.file ? flow.via : [`${here.file}:${here.line}`, ...flow.via];
    this.#nodes(block.body, { ...flow, file, via });
    this.#yield(flow);
  }

  #include(target: { readonly name: string; readonly line: number }, flow: Flow): void {
    const included = this.#options.resolve(target.name, flow.file, target.line);
    const via = [`${flow.file.name}:${target.line}`, ...flow.via];
    assertNoLoop(flow.path, included, 'includes', { file: flow.file.name, line: target.line });
    const path = [...flow.path, included];
    if (included.parent === undefined) this.#nodes(included.body, { ...flow, file: included, via, path });
    else {
      const chain = followChain(included, this.#options.resolve);
      assertNoLoop(path, chain.base, 'includes', { file: flow.file.name, line: target.line });
      this.#nodes(chain.base.body, { ...flow, ...openChain(chain), via, path: [...path, chain.base] });
    }
    this.#yield(flow);
  }

  #apply(node: Extract<TemplateNode, { kind: 'apply' }>, flow: Flow): void {
    const buffer = this.#fresh();
    this.#write(`let ${buffer} = '';`);
    this.#nodes(node.body, { ...flow, buffer, loop: undefined });
    const code = this.#statementScript(node.with, node.line, flow);
    this.#print(`$$s(${code}(${buffer}), ${JSON.stringify(node.with.source)})`, flow);
  }

  #set({ assignment, line }: Extract<TemplateNode, { kind: 'set' }>, flow: Flow): void {
    const { pattern, operator, value } = assignment;
    const own = pattern.binds.filter((name) => !flow.bound.has(name));
    for (const name of own) this.#variables.add(name);
    const place = this.#placeOf(line, flow);
    if (operator !== '=') this.#lookUpNames(own, place, flow);
    const code = this.#statementScript(value, line, flow);
    for (const name of own) flow.known.add(name);
    this.#write(`(${this.#script(pattern, flow)} ${operator} ${code});`);
  }

  /**
   * Writes a body that may not run; its known names are not known after it.
   *
   * @param loopPlace - For the body of a loop: the place of its head, which is evaluated after the body.
   */
  #branch(nodes: readonly TemplateNode[], flow: Flow, loopPlace?: number): void {
    const inner = { ...flow, known: new Set(flow.known) };
    this.#flush();
    this.#place = -1;
    this.#nodes(nodes, inner);
    if (loopPlace !== undefined) {
      this.#yield(flow);
      this.#setPlace(loopPlace);
    }
    this.#flush();
  }

  /** Writes the end of a body, after which the place is unknown. */
  #join(code: string): void {
    this.#write(code);
    this.#place = -1;
  }

  /** The expression at the start of a statement. Sets its place and looks up its unconditional names first. */
  #statementScript(script: Script, line: number, flow: Flow): string {
    const place = this.#placeOf(line, flow);
    this.#lookUp([script], place, flow);
    this.#setPlace(place);
    return this.#script(script, flow);
  }

  /** Looks up the unconditional names of the scripts, so that the expression itself is plain JavaScript. */
  #lookUp(scripts: readonly Script[], place: number, flow: Flow): void {
    const sure = scripts.flatMap(({ names }) => names.filter(({ conditional }) => !conditional));
    this.#lookUpNames(
      sure.map(({ name }) => name),
      place,
      flow,
    );
  }

  #lookUpNames(names: readonly string[], place: number, flow: Flow): void {
    for (const name of names) {
      if (flow.bound.has(name) || flow.known.has(name)) continue;
      this.#variables.add(name);
      flow.known.add(name);
      this.#setPlace(place);
      this.#write(`if (${name} === $$U) ${name} = $$n($$d, ${JSON.stringify(name)});`);
    }
  }

  #script(script: Script | Pattern, flow: Flow): string {
    const code = writeScript(script, (name) => this.#name(name, flow));
    return 'binds' in script ? code : `(${code})`;
  }

  /** @returns Code that looks up the name, unless it is known here. */
  #name({ name, probe }: FreeName, flow: Flow): string | undefined {
    if (flow.bound.has(name) || flow.known.has(name)) return undefined;
    this.#variables.add(name);
    const text = JSON.stringify(name);
    if (probe) return `(${name} !== $$U ? ${name} : $$t($$d, ${text}))`;
    // With this form, a message of the engine (`… is not a function`) has the name; see plainMessage.
    return `(${name} !== $$U || (${name} = $$n($$d, ${text})), ${name})`;
  }

  #placeOf(line: number, { file, via }: Flow): number {
    const key = [`${file.name}:${line}`, ...via].join('\n');
    let index = this.#placeIndex.get(key);
    if (index === undefined) {
      index = this.#places.push({ file: file.name, line, via }) - 1;
      this.#placeIndex.set(key, index);
    }
    return index;
  }

  #setPlace(place: number): void {
    if (this.#place === place) return;
    this.#write(`$$p = ${place};`);
    this.#place = place;
  }

  #yield({ buffer }: Flow): void {
    // The text of apply is collected completely.
    if (!this.#options.chunks || buffer !== '$$o') return;
    this.#write(`if ($$o.length >= ${chunkChars}) { yield $$o; $$o = ''; }`);
  }

  #print(piece: string, { buffer, guarded }: Flow): void {
    if (guarded || buffer !== this.#piecesBuffer || this.#pieces.length >= maxPieces) this.#flush();
    this.#piecesBuffer = buffer;
    this.#pieces.push(piece);
  }

  #write(code: string): void {
    this.#flush();
    this.#code.push(code);
  }

  #flush(): void {
    if (this.#pieces.length === 0) return;
    this.#code.push(`${this.#piecesBuffer} += ${this.#pieces.join(' + ')};`);
    this.#pieces = [];
  }

  #fresh(): string {
    this.#serial += 1;
    return `$$${this.#serial}`;
  }
}

function openChain({ base, blocks }: Chain): Pick<Flow, 'file' | 'blocks'> {
  return { file: base, blocks };
}
