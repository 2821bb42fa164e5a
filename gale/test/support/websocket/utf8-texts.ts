/** Valid and invalid UTF-8 in hex. RFC 3629 §4. */

/** Valid UTF-8 up to the boundaries of each form. */
export const validTexts: readonly { readonly name: string; readonly hex: string }[] = [
  { name: 'nothing', hex: '' },
  { name: 'ASCII', hex: '00 41 7f' },
  { name: 'the boundaries of two bytes', hex: 'c280 dfbf' },
  { name: 'the boundaries of three bytes', hex: 'e0a080 ed9fbf ee8080 efbfbf' },
  { name: 'the boundaries of four bytes', hex: 'f0908080 f48fbfbf' },
  { name: 'a byte order mark', hex: 'efbbbf 41' },
  { name: 'Greek', hex: 'ceba e1bdb9 cf83 cebc ceb5' },
  { name: 'Chinese and an emoji', hex: 'e4b896 e7958c f09f9880 21' },
];

/** Invalid UTF-8. `shownBy`: number of bytes until no continuation could make the text valid. */
export const invalidTexts: readonly { readonly name: string; readonly hex: string; readonly shownBy: number }[] = [
  { name: 'a lone continuation', hex: '80', shownBy: 1 },
  { name: 'a continuation too many', hex: 'c3a9 bf 41', shownBy: 3 },
  { name: 'C0, which only overlong forms begin with', hex: 'c080', shownBy: 1 },
  { name: 'C1', hex: 'c1bf', shownBy: 1 },
  { name: 'an overlong three', hex: 'e09fbf', shownBy: 2 },
  { name: 'an overlong four', hex: 'f08fbfbf', shownBy: 2 },
  { name: 'the first surrogate', hex: 'eda080', shownBy: 2 },
  { name: 'the last surrogate', hex: 'edbfbf', shownBy: 2 },
  { name: 'over U+10FFFF', hex: 'f4908080', shownBy: 2 },
  { name: 'F5', hex: 'f5808080', shownBy: 1 },
  { name: 'FF', hex: '41 ff', shownBy: 2 },
  { name: 'a two broken off', hex: 'c341', shownBy: 2 },
  { name: 'a three broken off in its second byte', hex: 'e44196', shownBy: 2 },
  { name: 'a three broken off in its third byte', hex: 'e4b841', shownBy: 3 },
  { name: 'a four broken off in its fourth byte', hex: 'f09f9841', shownBy: 4 },
  { name: 'a four with a lead for its third byte', hex: 'f09fc380', shownBy: 3 },
  { name: 'good text, then a surrogate', hex: 'ceba e1bdb9 cf83 eda080 656469746564', shownBy: 9 },
];
