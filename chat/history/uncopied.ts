/**
 * Finds rooms whose stream has messages that the table has not, although the consumer may have saved them: those of an earlier version of the
 * chat, or those after the backup from which the database was restored.
 */
import type { Rooms } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import type { MessageData } from '../wire.ts';
import type { HistoryBatch } from './history-writer.ts';
import { segmentAt } from './segments.ts';

/** Rooms in one read. */
const roomsAtOnce = 200;

/** Yields all kept messages of each such room. */
export async function* findUncopied(
  { tables }: ChatDatabase,
  rooms: Rooms<MessageData>,
): AsyncGenerator<HistoryBatch, void, undefined> {
  let after = '';
  for (;;) {
    const page = await tables
      .selectFrom('room')
      .select(['id', 'topSeq'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(roomsAtOnce)
      .execute();
    const last = page.at(-1);
    if (!last) return;
    after = last.id;
    const ids = page.map(({ id }) => id);
    const [heads, segments] = await Promise.all([
      rooms.heads(ids),
      tables.selectFrom('segment').selectAll().where('roomId', 'in', ids).orderBy('firstOffset').execute(),
    ]);
    for (const { id, topSeq } of page) {
      const head = heads.get(id);
      if (!head || head.top === 0) continue;
      const known = segments.filter(({ roomId, epoch }) => roomId === id && epoch === head.epoch);
      const segment = segmentAt(known, head.top);
      // The greatest `seq` belongs to the newest message of the stream.
      if (segment && topSeq - segment.delta >= head.top) continue;
      const { epoch, messages } = await rooms.history(id);
      if (messages.length > 0) yield { room: id, epoch, kind: 'messages', messages };
    }
  }
}
