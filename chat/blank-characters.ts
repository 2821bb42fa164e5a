/**
 * Characters without a glyph of their own. They do not make a name different or a text visible.
 * For the server and the page. Unicode 17; `Default_Ignorable_Code_Point` covers most of them, the list the others.
 */

/** For the inside of a character class in a regular expression with the flag `u` or `v`. */
export const blankCharacters: string = [
  // Zero-width characters, bidi controls, soft hyphen, variation selectors (Mongolian ones too), Hangul fillers, Khmer inherent
  // vowels, invisible operators, shorthand and musical format controls, tags.
  String.raw`\p{Default_Ignorable_Code_Point}`,
  // Braille pattern blank: a cell without dots.
  String.raw`\u2800`,
  // Interlinear annotation controls, and the object replacement character.
  String.raw`\uFFF9-\uFFFC`,
  // Egyptian hieroglyphs: format controls, blanks, lost signs, modifiers.
  String.raw`\u{13430}-\u{1345F}`,
  // Khitan small script filler.
  String.raw`\u{16FE4}`,
  // Duployan thick letter selector.
  String.raw`\u{1BC9D}`,
  // Musical symbol null notehead.
  String.raw`\u{1D159}`,
].join('');

/**
 * Marks that draw nothing by themselves but stack or join the two letters around them, by script
 * (Indic_Syllabic_Category Invisible_Stacker and Number_Joiner).
 */
const stackers: readonly (readonly [script: string, mark: string])[] = [
  ['Myanmar', '1039'],
  ['Khmer', '17D2'],
  ['Tai_Tham', '1A60'],
  ['Sundanese', '1BAB'],
  ['Tifinagh', '2D7F'],
  ['Meetei_Mayek', 'AAF6'],
  ['Kharoshthi', '10A3F'],
  ['Brahmi', '1107F'],
  ['Chakma', '11133'],
  ['Tulu_Tigalari', '113D0'],
  ['Dives_Akuru', '1193E'],
  ['Zanabazar_Square', '11A47'],
  ['Soyombo', '11A99'],
  ['Masaram_Gondi', '11D45'],
  ['Gunjala_Gondi', '11D97'],
  ['Kawi', '11F42'],
];

/** For a regular expression with the flag `v`: a mark of the list where it draws nothing. */
export const blankMarks: string = [
  ...stackers.map(
    ([script, mark]) =>
      String.raw`(?<!\p{Script=${script}})\u{${mark}}|\u{${mark}}(?![\p{Script=${script}}&&[\p{L}\p{N}]])`,
  ),
  // SignWriting: a fill, then a rotation, of the sign before it.
  String.raw`(?<![\u{1D800}-\u{1DA8B}])[\u{1DA9B}-\u{1DA9F}]`,
  String.raw`(?<![\u{1D800}-\u{1DA8B}]|[\u{1D800}-\u{1DA8B}][\u{1DA9B}-\u{1DA9F}])[\u{1DAA1}-\u{1DAAF}]`,
].join('|');
