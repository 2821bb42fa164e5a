/**
 * The tree of a message: what chat/messages/markdown/blocks.ts makes of its text. Plain values; a page renders each text in it as
 * a text node.
 */

/** A part of a line. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'code'; readonly text: string }
  /** `id` of a person, or `all`. The tree has no names. */
  | { readonly kind: 'mention'; readonly id: string }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly children: readonly Inline[] };

/** One entry of a list. */
export interface ListItem {
  /** The number as it was typed; undefined in a list with bullets. */
  readonly number: number | undefined;
  readonly blocks: readonly Block[];
}

/** A part of a message that begins on its own line. */
export type Block =
  /** Lines as they were typed, with their line breaks. */
  | { readonly kind: 'text'; readonly inlines: readonly Inline[] }
  /** `language` is the word after the opening fence; empty if there is none. */
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] };
