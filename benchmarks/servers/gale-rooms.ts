/**
 * Rooms over WebSockets with the memory broker: the query names the person, `/socket?id=ada`.
 * `node gale-rooms.ts --port=N`.
 */
import { Application, createLogger, MemoryBroker, Rooms, RoomSocket, type Person } from 'gale';

const port = Number(process.argv[2]?.split('=')[1]);
const log = createLogger({ level: 'warn' });
const rooms = new Rooms(new MemoryBroker({ log }), { log });

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
