/** A page of HTML of about 30 KB, the same at each start: an article list with words that repeat as in a language. */

const words =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr how little good world make very year still see own work men day get here'.split(
    ' ',
  );

/** The page. */
export function compressedPage(): string {
  let seed = 1;
  const next = (limit: number): number => {
    // The minimal standard generator of Park and Miller.
    seed = (seed * 16_807) % 2_147_483_647;
    return seed % limit;
  };
  const sentence = (length: number): string => Array.from({ length }, () => words[next(words.length)]).join(' ');
  let rows = '';
  for (let index = 1; rows.length < 29_800; index++) {
    rows += `<article class="entry" id="entry-${index}"><h2><a href="/entries/${next(1_000_000)}">${sentence(5)}</a></h2><p>${sentence(30)}.</p><time>2026-0${1 + next(9)}-1${next(10)}</time></article>\n`;
  }
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Entries</title></head>\n<body>\n${rows}</body></html>\n`;
}
