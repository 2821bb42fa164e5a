/**
 * Writes script-table.ts: for each character the scripts that use it, the property Script_Extensions of Unicode as the
 * JavaScript engine has it. A table in the repository gives the same result on all versions of Node.js.
 *
 * Run it with `npm run build:script-table -w chat` after an update of Node.js that has a new version of Unicode.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** ISO 15924 codes of all scripts of Unicode 17. The engine does not list them, so {@link collect} checks that none is missing. */
const scripts = (
  'Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Bopo Brah Brai Bugi Buhd Cakm Cans Cari Cham Cher Chrs Copt ' +
  'Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Gara Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hang Hani ' +
  'Hano Hatr Hebr Hira Hluw Hmng Hmnp Hung Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn Lepc Limb ' +
  'Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nagm Nand Narb Nbat ' +
  'Newa Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb ' +
  'Saur Sgnw Shaw Shrd Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu ' +
  'Tfng Tglg Thaa Thai Tibt Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb'
).split(' ');

/** The set of a character that any script uses. */
const all = '';

/** @returns For each range of characters its first code point and the scripts, separated by spaces. */
function collect(): [start: number, scripts: string][] {
  const patterns = scripts.map((script) => [script, new RegExp(`^\\p{Script_Extensions=${script}}$`, 'u')] as const);
  const isCommon = /^[\p{Script_Extensions=Zyyy}\p{Script_Extensions=Zinh}]$/u;
  // No name contains such characters, so they extend the range before them.
  const isUnused = /^[\p{Cn}\p{Co}\p{Cs}]$/u;
  const ranges: [number, string][] = [[0, all]];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const character = String.fromCodePoint(codePoint);
    if (isUnused.test(character)) continue;
    const found = isCommon.test(character)
      ? all
      : patterns
          .filter(([, pattern]) => pattern.test(character))
          .map(([script]) => script)
          .join(' ');
    if (found === all && !isCommon.test(character)) {
      throw new Error(`U+${codePoint.toString(16)} belongs to no known script; add the new script to the list.`);
    }
    if (found !== ranges.at(-1)![1]) ranges.push([codePoint, found]);
  }
  return ranges;
}

const ranges = collect();
const sets = [...new Set(ranges.map(([, found]) => found))];
let before = 0;
const encoded = ranges.map(([start, found]) => {
  const text = `${(start - before).toString(36)} ${sets.indexOf(found).toString(36)}`;
  before = start;
  return text;
});

/** Splits a text into string literals that fit on a line. */
function literals(text: string): string {
  const lines = text.match(/.{1,120}/g) ?? [];
  return lines.map((line) => `  '${line}'`).join(' +\n');
}

await writeFile(
  fileURLToPath(new URL('script-table.ts', import.meta.url)),
  `/**
 * Which scripts use each character: the property Script_Extensions of Unicode ${process.versions.unicode}, from the JavaScript engine of
 * Node.js ${process.versions.node}. Written by build-script-table.ts; do not edit.
 */

/** Sets of scripts, as ISO 15924 codes, separated by commas. The first is empty: all scripts. */
export const scriptSets: string =
${literals(sets.join(','))};

/** For each range of code points: its distance from the range before, and the index of its set, both in base 36. */
export const scriptRanges: string =
${literals(encoded.join(','))};
`,
);
