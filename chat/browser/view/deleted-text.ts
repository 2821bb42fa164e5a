/** What is left of a deleted message. */
import type { Person } from 'gale/client';
import type { Translate } from '../../locale/index.ts';
import type { MessageData } from '../../wire.ts';

/** Who took the message away; undefined if it was not deleted. @param me - Id of the person of this page. */
export function deletedText(
  { author, data }: { readonly author: Person; readonly data: MessageData },
  me: string,
  t: Translate,
): string | undefined {
  const { deleted } = data;
  if (!deleted) return undefined;
  if (!deleted.recalled) return t(deleted.by === author.id ? 'deletedMessage' : 'deletedByAdministrator');
  return author.id === me ? t('youRecalled') : t('recalled', { name: author.name });
}
