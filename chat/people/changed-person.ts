/**
 * Sends to all windows of all servers that a person has changed. They ask again for people whom they show.
 */
import type { Chat } from '../chat.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';

/** Call it after a change of name, picture or role, and after a deletion. */
export async function noteChanged(
  { people, rooms, log }: Pick<Chat, 'people' | 'rooms' | 'log'>,
  id: string,
): Promise<void> {
  const [person] = await people.describe([id]);
  if (person === undefined) return;
  const notification: ChatNotification = { type: 'person-changed', person: id, name: person.name };
  await rooms.notifyEveryone(notification).catch((error: unknown) => {
    // The change is stored; windows see it when they reconnect.
    log.warn({ err: error }, 'A notification of a changed person failed');
  });
}
