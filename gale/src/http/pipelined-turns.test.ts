import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { HttpServer } from './server.ts';

test('a client that pipelines many requests leaves turns to other connections', async (t) => {
  let handled = 0;
  let handledBefore = 0;
  let mostInTurn = 0;
  const server = new HttpServer(async (_request, response) => {
    await Promise.resolve();
    handled++;
    response.send(200, [], '');
  });
  const { port } = await server.listen(0, '127.0.0.1');
  t.after(() => server.close({ graceMs: 0 }));
  const watch = (): void => {
    mostInTurn = Math.max(mostInTurn, handled - handledBefore);
    handledBefore = handled;
    if (handled < 500) setImmediate(watch);
  };
  setImmediate(watch);
  const client = connect(port, '127.0.0.1').resume();
  await once(client, 'connect');
  client.write('GET / HTTP/1.1\r\nHost: gale.test\r\n\r\n'.repeat(500));
  await eventually(() => handled === 500);
  client.destroy();
  assert.ok(mostInTurn <= 40, `${mostInTurn} requests`);
});
