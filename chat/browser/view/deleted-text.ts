/** What is left of a deleted message. */
import type { Person } from 'gale/client';
import type { Translate } from '../../locale/index.ts';
import type { MessageData } from '../../wire.ts';

/** Who took the message away; undefined if it was not deleted. The author's name is beside the text. */
export function deletedText(
  { author, data }: { readonly author: Person; readonly data: MessageData },
  t: Translate,
): string | undefined {
  const { deleted } = data;
  if (!deleted) return undefined;
  if (!deleted.recalled) return t(deleted.by === author.id ? 'deletedMessage' : 'deletedByAdministrator');
  return t('recalled');
}
