/** The package `gale/links`: links in texts of people, for browsers and for Node. No logic. */
export { linkify } from './web/links/linkify.ts';
export type { LinkifyOptions } from './web/links/linkify.ts';
export { splitLinks } from './web/links/links.ts';
export type { SplitLinksOptions, TextPart } from './web/links/links.ts';
