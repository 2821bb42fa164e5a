/**
 * Pinyin of names, for search: `zhangs` and `zs` find 张三. Only the server computes it, since the readings of Chinese characters
 * are 300 KB. They come from pinyin-pro, which knows the readings of surnames: 单 is `shan`, 仇 is `qiu`, 曾 is `zeng`.
 */
import { pinyin } from 'pinyin-pro';
import { foldForSearch, maxSearchUnits } from './matches.ts';

/** Whose name it is. The first character of a person's name is a surname. */
export type NameKind = 'person' | 'room';

/** The forms of a name that are stored beside it, for {@link matches}. */
export interface PinyinForms {
  /** Without tones and spaces, such as `zhangsan`. */
  readonly pinyin: string;
  /** The first letter of each syllable and word, such as `zs`. */
  readonly pinyinInitials: string;
}

/** Readings of surnames that the library does not have, most of them traditional forms. */
const surnames: Readonly<Record<string, string>> = {
  單: 'shan',
  區: 'ou',
  蓋: 'ge',
  種: 'chong',
  种: 'chong',
  樂: 'yue',
  樸: 'piao',
  繆: 'miao',
  賁: 'ben',
  萬俟: 'mo qi',
  尉遲: 'yu chi',
  長孫: 'zhang sun',
  澹臺: 'tan tai',
};

/** @returns The pinyin of a name without tones and spaces, in small letters; letters of other scripts stay. Empty for a text over {@link maxSearchUnits}. */
export function pinyinOf(text: string, kind: NameKind = 'person'): string {
  return partsOf(text, kind)
    .map(({ text: part }) => part)
    .join('');
}

/** @returns The first letter of each syllable and word, and all digits. Empty for a text over {@link maxSearchUnits}. */
export function initialsOf(text: string, kind: NameKind = 'person'): string {
  return partsOf(text, kind)
    .map(({ text: part, isNumber }) => (isNumber ? part : [...part][0]))
    .join('');
}

/** Computes both forms of a name. */
export function pinyinForms(name: string, kind: NameKind = 'person'): PinyinForms {
  return { pinyin: pinyinOf(name, kind), pinyinInitials: initialsOf(name, kind) };
}

/** A syllable, a word of another script, or a number. */
interface Part {
  readonly text: string;
  readonly isNumber: boolean;
}

const words = /\p{Script=Han}+|\p{N}+|[[\p{L}\p{M}]--\p{Script=Han}]+/gv;
const isHan = /^\p{Script=Han}/u;
const isNumber = /^\p{N}/u;

function partsOf(text: string, kind: NameKind): Part[] {
  if (text.length > maxSearchUnits) return [];
  let isHead = kind === 'person';
  return [...foldForSearch(text).matchAll(words)].flatMap(([word]) => {
    const parts = isHan.test(word)
      ? syllablesOf(word, isHead).map((syllable) => ({ text: syllable, isNumber: false }))
      : [{ text: word, isNumber: isNumber.test(word) }];
    isHead = false;
    return parts;
  });
}

function syllablesOf(characters: string, isHead: boolean): string[] {
  if (isHead) {
    for (const length of [2, 1]) {
      const surname = characters.slice(0, length);
      const reading = surnames[surname];
      if (reading !== undefined) return [...reading.split(' '), ...syllablesOf(characters.slice(length), false)];
    }
  }
  const syllables = pinyin(characters, { toneType: 'none', type: 'array', surname: isHead ? 'head' : 'off', v: true });
  return syllables.filter((syllable) => syllable !== '');
}
