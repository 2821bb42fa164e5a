/** The text of a message with its links. All of it becomes text nodes; nothing is parsed as markup. */
import type { JSX } from 'preact';
import { isFewEmoji } from '../text/emoji.ts';
import { splitLinks } from 'gale/links';

/** Renders the text of a message. Few emoji alone are shown large. */
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
