/** Refusals of amendments, the same in every broker. */
import { assertString, wrongValue } from '../../run/given-options.ts';
import { RoomError } from '../room-error.ts';
import type { Amended, Amendment } from '../stream.ts';

/** The reply of a store to an amendment: a refusal has the version of the message, or 0. */
export type AmendReply =
  | Amended
  | { readonly refused: 'gone' }
  | { readonly refused: 'conflict'; readonly version: number };

/** @throws {@link GaleError} `OPTION_VALUE` for a wrong type, which brokers would treat differently. */
export function assertAmendment({ id, author, version }: Amendment): void {
  assertString('id', id);
  assertString('author', author);
  if (version === undefined || (Number.isSafeInteger(version) && version >= 0)) return;
  throw wrongValue('version', 'an integer of at least 0, or undefined', version);
}

/** @throws {@link RoomError} `ROOM_MESSAGE_GONE` or `ROOM_AMEND_CONFLICT` for a refusal. */
export function assertAmended(room: string, { id, author, version }: Amendment, reply: AmendReply): Amended {
  if (!('refused' in reply)) return reply;
  if (reply.refused === 'gone') {
    throw new RoomError(
      'ROOM_MESSAGE_GONE',
      `The room ${room} keeps no message ${JSON.stringify(id)} of ${JSON.stringify(author)}; only kept messages can be amended.`,
    );
  }
  throw new RoomError(
    'ROOM_AMEND_CONFLICT',
    `Message ${JSON.stringify(id)} was amended in the meantime: version must be ${reply.version}; got ${version}. Read it, and amend it again.`,
  );
}
