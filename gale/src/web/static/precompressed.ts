/** Siblings of static files that were compressed in advance: `app.js.br` beside `app.js`. */

/** Content codings of siblings. */
export type SiblingCoding = 'br' | 'zstd' | 'gzip';

/** Extension of each coding. */
export const siblingExtensions: Readonly<Record<SiblingCoding, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' };
