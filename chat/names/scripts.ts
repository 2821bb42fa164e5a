/**
 * Finds names that mix scripts, such as `Аda` with a Cyrillic А: the restriction level "highly restrictive" of UTS #39 §5.2. It is for
 * the server, which checks all new names.
 */
import { scriptRanges, scriptSets } from './script-table.ts';

/** Writing systems that use several scripts: UTS #39 §5.1 adds them to the scripts of a character. */
const writingSystems: Readonly<Record<string, readonly string[]>> = {
  Hani: ['Hanb', 'Jpan', 'Kore'],
  Hira: ['Jpan'],
  Kana: ['Jpan'],
  Hang: ['Kore'],
  Bopo: ['Hanb'],
};
/** Writing systems in which people also write Latin letters. */
const withLatin = ['Hanb', 'Jpan', 'Kore'];

const sets = scriptSets.split(',').map((set) => {
  const scripts = set.split(' ');
  return set === '' ? undefined : new Set([...scripts, ...scripts.flatMap((script) => writingSystems[script] ?? [])]);
});
const starts: number[] = [];
const setAt: number[] = [];
for (const range of scriptRanges.split(',')) {
  const [distance = '', set = ''] = range.split(' ');
  starts.push((starts.at(-1) ?? 0) + Number.parseInt(distance, 36));
  setAt.push(Number.parseInt(set, 36));
}

/**
 * Whether the characters of a name belong to no common script. Latin letters may be in a Chinese, Japanese or Korean name; digits,
 * punctuation and emoji may be in any.
 */
export function mixesScripts(name: string): boolean {
  const used = new Set(
    [...name].map((character) => scriptsOf(character.codePointAt(0)!)).filter((set) => set !== undefined),
  );
  if (hasCommon([...used])) return false;
  const others = [...used].filter((set) => !set.has('Latn'));
  return !hasCommon(others, withLatin);
}

/** Whether one script is in all sets. */
function hasCommon([first, ...more]: readonly ReadonlySet<string>[], scripts?: Iterable<string>): boolean {
  if (!first) return true;
  for (const script of scripts ?? first) {
    if (first.has(script) && more.every((set) => set.has(script))) return true;
  }
  return false;
}

/** @returns The scripts and writing systems of a character; undefined if all use it. */
function scriptsOf(codePoint: number): ReadonlySet<string> | undefined {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= codePoint) low = middle;
    else high = middle;
  }
  return sets[setAt[low]!];
}
