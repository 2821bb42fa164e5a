/** What is left of a deleted message. */
import type { JSX } from 'preact';
import type { ShownMessage } from '../state/timeline-layout.ts';
import type { Words } from './words.ts';

/** Renders who took the message away. */
export function DeletedText({
  message,
  words,
}: {
  readonly message: ShownMessage;
  readonly words: Words;
}): JSX.Element {
  const { isOwn, author, data } = message;
  const { t } = words;
  let text: string;
  if (data.deleted?.recalled) text = isOwn ? t('youRecalled') : t('recalled', { name: author.name });
  else text = t(data.deleted?.by === author.id ? 'deletedMessage' : 'deletedByAdministrator');
  return <p class="message-deleted">{text}</p>;
}
