/** The text of a message: as it was written, with its links. Everything is a text node; nothing is read as markup. */
import type { JSX } from 'preact';
import { isFewEmoji } from '../text/emoji.ts';
import { splitLinks } from '../text/links.ts';

/** A message's text. */
export function RichText({ text }: { text: string }): JSX.Element {
  return (
    <p class={isFewEmoji(text) ? 'message-text message-text--emoji' : 'message-text'} dir="auto">
      {splitLinks(text).map((part, index) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener nofollow" dir="ltr">
            {part.text}
          </a>
        ),
      )}
    </p>
  );
}
