/** Messages that mention the person of this page. */
import { mentionsAll, type MessageData } from '../../wire.ts';

/** Whether a message mentions a person; never one of their own. */
export function mentionsPerson(authorId: string, { mentions }: MessageData, personId: string): boolean {
  if (authorId === personId || mentions === undefined) return false;
  return mentions.includes(personId) || mentions.includes(mentionsAll);
}
