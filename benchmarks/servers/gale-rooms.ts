/**
 * Rooms over WebSockets: the query names the person, `/socket?id=ada`.
 * `node gale-rooms.ts --port=N [--broker=memory|sqlite|redis://…] [--limits=off]`. The file of `sqlite` is in `TMPDIR`.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, createLogger, defineOptions, MemoryBroker, Rooms, RoomSocket, SqliteBroker } from 'gale';
import type { Person } from 'gale';
import { RedisBroker } from 'gale/redis';
import type { Broker } from 'gale/rooms';

const { port, broker, limits } = defineOptions(
  {
    port: { type: 'integer', min: 1, max: 65_535, default: 9000, help: 'Port' },
    broker: { type: 'text', default: 'memory', help: 'memory, sqlite, or the URL of a Redis' },
    limits: { type: 'text', default: 'on', help: 'off: no rate limits' },
  },
  'node gale-rooms.ts [options]',
).parse(process.argv.slice(2));
const log = createLogger({ level: 'error' });
const rooms = new Rooms(await brokerNamed(broker), { log, limits: limits === 'off' ? 'off' : 'on' });

class Socket extends RoomSocket {
  override get rooms(): Rooms {
    return rooms;
  }

  override person(): Person | undefined {
    const id = this.getQueryArgument('id', '');
    return id === '' ? undefined : { id, name: `Person ${id}` };
  }
}

await new Application([['/socket', Socket]], { log }).listen(port, '127.0.0.1');

async function brokerNamed(name: string): Promise<Broker> {
  if (name === 'memory') return new MemoryBroker({ log });
  if (name === 'sqlite') return SqliteBroker.open({ path: join(tmpdir(), 'rooms.db'), log });
  return RedisBroker.open({ url: name, log });
}
