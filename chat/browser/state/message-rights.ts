/** What the person of the page may do with messages of a room. The server decides; this only avoids offers that it would refuse. */
import type { ChatState } from './chat-state.ts';
import type { RoomState } from './room-state.ts';

/** Rights in one room. */
export interface MessageRights {
  /** React, reply and edit own messages: not in an archived room. */
  readonly canWrite: boolean;
  /** Delete the messages of others. */
  readonly canDeleteAll: boolean;
  readonly canPin: boolean;
}

/** The rights in a room. */
export function messageRights({ role }: ChatState, { about }: RoomState): MessageRights {
  const canWrite = about.archivedAt === undefined;
  const canDeleteAll = role === 'administrator';
  return {
    canWrite,
    canDeleteAll,
    canPin: canWrite && (canDeleteAll || about.role === 'owner' || about.kind === 'direct'),
  };
}
