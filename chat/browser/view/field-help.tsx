/** What the message field has besides sending, mentions and its draft: the place of its caret, and the list of emoji. */
import type { JSX } from 'preact';
import { EmojiList } from './emoji-list.tsx';
import { KeepCaret } from './keep-caret.ts';

/** Renders the list above the composer while there is one. */
export function FieldHelp(props: {
  field: { readonly current: HTMLTextAreaElement | null };
  room: string;
}): JSX.Element {
  return (
    <>
      <KeepCaret {...props} />
      <EmojiList field={props.field} />
    </>
  );
}
