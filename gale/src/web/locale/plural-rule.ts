/**
 * Which form of a text belongs to a count: by the header `Plural-Forms` of gettext, or by the categories of `Intl.PluralRules`. The
 * forms of gettext have indexes, those of Unicode names. No I/O.
 */
import { parsePluralExpression, type FormOf } from './plural-expression.ts';

/** The forms of one language. */
export interface PluralRule {
  /** Number of forms. */
  readonly formCount: number;
  /** The index of the form for a count, from 0. */
  indexFor(count: number): number;
}

/** The categories in the order in which gettext files of most languages have their forms. */
const categories: readonly Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other'];

/** Most forms that a file may declare. Arabic has 6. */
const maxForms = 10;

/** Counts that find every form of the languages of Unicode, and for which every expression is checked. */
const samples: readonly number[] = [...Array.from({ length: 1_001 }, (_, count) => count), 10_000, 100_000, 1_000_000];

/**
 * The rule of a header, such as `nplurals=2; plural=(n != 1);`.
 *
 * The expression defines the form of each integer. For a fraction, as in 1.5 kg, the category of Unicode selects the form that integers of
 * the category have; a category that no integer has counts as `other`.
 *
 * @throws {@link SyntaxError} If the header is malformed, or its expression has a result outside of `nplurals`.
 */
export function readPluralRule(tag: string, header: string): PluralRule {
  const match = /^\s*nplurals\s*=\s*(\d{1,3})\s*;\s*plural\s*=\s*([^;]+?)\s*;?\s*$/.exec(header);
  if (match === null) throw new SyntaxError('it must be nplurals=NUMBER; plural=EXPRESSION;');
  const formCount = Number(match[1]);
  if (formCount < 1 || formCount > maxForms) throw new SyntaxError(`nplurals must be from 1 to ${maxForms}`);
  const formOf = parsePluralExpression(match[2] ?? '');
  for (const count of samples) {
    const index = formOf(count);
    if (!(index >= 0 && index < formCount)) {
      throw new SyntaxError(`the form of n = ${count} is ${index}, but nplurals is ${formCount}`);
    }
  }
  const rules = new Intl.PluralRules(tag);
  const indexes = indexesByCategory(rules, formOf);
  const other = indexes.get('other') ?? formCount - 1;
  return {
    formCount,
    indexFor(count) {
      const size = Math.abs(count);
      if (!Number.isInteger(size)) return indexes.get(rules.select(count)) ?? other;
      const index = formOf(size);
      // As in gettext itself. Only an expression that was right for all samples comes here.
      return index >= 0 && index < formCount ? index : 0;
    },
  };
}

/**
 * The rule of a language for files without a header: one form for each category that integers have, in the order zero, one, two, few,
 * many, other. That is the order of gettext for nearly all languages.
 */
export function unicodePluralRule(tag: string): PluralRule {
  const rules = new Intl.PluralRules(tag);
  const used = new Set(samples.map((count) => rules.select(count)));
  const order = categories.filter((category) => used.has(category));
  return {
    formCount: order.length,
    indexFor(count) {
      const index = order.indexOf(rules.select(count));
      return index === -1 ? order.length - 1 : index;
    },
  };
}

/** The form of each category. If its integers have several, the one of most of them. */
function indexesByCategory(rules: Intl.PluralRules, formOf: FormOf): ReadonlyMap<Intl.LDMLPluralRule, number> {
  const byCategory = Map.groupBy(samples, (count) => rules.select(count));
  return new Map(
    [...byCategory].map(([category, counts]) => {
      const byIndex = [...Map.groupBy(counts, formOf)].toSorted(([, left], [, right]) => right.length - left.length);
      return [category, byIndex[0]?.[0] ?? 0];
    }),
  );
}
