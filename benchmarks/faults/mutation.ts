/**
 * Faults that can be planted in one line of TypeScript: a flipped comparison, a dropped statement, `await` or half of a condition, a
 * constant moved by one. Works on the text of the line, without a parser: a fault that does not compile is dropped by the caller.
 */

/** One way to change a line. */
export interface Mutation {
  readonly name: string;
  /** @returns The changed line; `undefined` if the line offers no place for this fault. */
  apply(line: string, random: () => number): string | undefined;
}

const flipped: Readonly<Record<string, string>> = {
  '<': '<=',
  '>': '>=',
  '<=': '<',
  '>=': '>',
  '===': '!==',
  '!==': '===',
};

/** A statement alone in its line, with an `if` before it or without: a call, an assignment of a field, a return. */
const statement =
  /^(\s*)(if \(.*\) |else )?((?:void |await )?(?:this\.|[a-z]\w*[?!]?\.)[\w#.!?]+(?:\(.*\)| [-+]?= .*);|(?:void |await )?[a-z]\w+\([^{]*\);|return;)\s*$/;

/** A condition of two parts, in an `if` or `while` of one line, or as a value. */
const conditions = [
  /^(.*\b(?:if|while) \()(.+?)(?: && | \|\| )(.+)(\) ?(?:\{|return.*|throw.*|continue;|break;|[\w#.]+.*;)\s*)$/,
  /^(.*(?:return|=|=>) )([^=]+?)(?: && | \|\| )(.+)(;|,)$/,
];

/** All mutations. */
export const mutations: readonly Mutation[] = [
  {
    name: 'comparison flipped',
    apply: (line, random) =>
      replaceOne(line, / (<=|>=|<|>|===|!==) /g, random, (text) => ` ${flipped[text.trim()] ?? text.trim()} `),
  },
  {
    name: 'await dropped',
    apply: (line) => {
      if (!/\bawait /.test(line) || /\bfor await\b/.test(line)) return undefined;
      return line.replace(/\bawait /, /^\s*await /.test(line) ? 'void ' : '');
    },
  },
  {
    name: 'half of a condition dropped',
    apply: (line, random) => {
      for (const pattern of conditions) {
        const [, before = '', left = '', right = '', after = ''] = pattern.exec(line) ?? [];
        if (left !== '' && isBalanced(left) && isBalanced(right))
          return before + (random() < 0.5 ? left : right) + after;
      }
      return undefined;
    },
  },
  {
    name: 'statement dropped',
    apply: (line) => {
      const match = statement.exec(line);
      if (match === null || line.includes('super(')) return undefined;
      const [, indentation = '', condition] = match;
      return condition === undefined ? `${indentation};` : `${indentation}${condition}{}`;
    },
  },
  {
    name: 'constant moved by one',
    apply: (line, random) =>
      replaceOne(line, /(?<![\w.#'"`])\d[\d_]*(?![\w.'"`])/g, random, (text) => {
        const value = Number(text.replaceAll('_', ''));
        return String(value > 0 && random() < 0.5 ? value - 1 : value + 1);
      }),
  },
];

/** Replaces one of the matches, chosen at random. */
function replaceOne(
  line: string,
  pattern: RegExp,
  random: () => number,
  replacement: (text: string) => string,
): string | undefined {
  const matches = [...line.matchAll(pattern)];
  const match = matches[Math.floor(random() * matches.length)];
  if (match === undefined) return undefined;
  return line.slice(0, match.index) + replacement(match[0]) + line.slice(match.index + match[0].length);
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
