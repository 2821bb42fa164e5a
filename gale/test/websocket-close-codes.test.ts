/** Close codes 0 to 5000, received and sent. RFC 6455 §7.4. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeClosePayload } from '../src/websocket/protocol/close-payload.ts';
import { encodeFrame, opcodes } from '../src/websocket/protocol/frame.ts';
import { eventually } from './support/eventually.ts';
import { eventsOf, testMask, wideLimits } from './support/websocket/websocket-bytes.ts';
import { connectPeer } from './support/websocket/websocket-peer.ts';
import { serve } from './support/websocket/websocket-server.ts';

/** Valid close codes of RFC 6455 §7.4 and the IANA registry. */
const mayTravel = (code: number): boolean =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

const allCodes = Array.from({ length: 5001 }, (_, code) => code);
/** Both sides of each boundary. */
const borderCodes = [
  0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1999,
  2000, 2999, 3000, 3999, 4000, 4999, 5000,
];

function closeFrame(code: number, reason: string, mask: number | undefined): Buffer {
  const payload = Buffer.from(`__${reason}`);
  payload.writeUInt16BE(code);
  return encodeFrame(opcodes.close, payload, { mask });
}

for (const role of ['server', 'client'] as const) {
  test(`a ${role} accepts the valid codes of 0 to 5000 and rejects the others with 1002`, () => {
    const mask = role === 'server' ? testMask : undefined;
    for (const code of allCodes) {
      for (const reason of ['', 'because']) {
        const expected = mayTravel(code) ? `close ${code} ${reason}`.trimEnd() : 'WS_CLOSE_PAYLOAD 1002';
        assert.deepEqual(eventsOf([closeFrame(code, reason, mask)], wideLimits, role), [expected]);
      }
    }
  });
}

test('writes the valid codes of 0 to 5000, writes 1005 as no code and rejects the others', () => {
  for (const code of allCodes) {
    if (mayTravel(code)) {
      const frame = encodeFrame(opcodes.close, writeClosePayload(code, 'because'));
      assert.deepEqual(frame, closeFrame(code, 'because', undefined));
      assert.deepEqual(eventsOf([frame], wideLimits, 'client'), [`close ${code} because`]);
    } else if (code === 1005) {
      assert.deepEqual(eventsOf([encodeFrame(opcodes.close, writeClosePayload(code))], wideLimits, 'client'), [
        'close 1005',
      ]);
    } else {
      assert.throws(() => writeClosePayload(code, 'because'), { code: 'WS_CLOSE_CODE' }, String(code));
    }
  }
  for (const code of [-1, 1000.5, Number.NaN, Infinity, 65_536, 66_536]) {
    assert.throws(() => writeClosePayload(code), { code: 'WS_CLOSE_CODE' }, String(code));
  }
});

test('over a socket, reports and returns each valid code and responds to the others with 1002', async (t) => {
  const server = await serve(t);
  for (const [index, code] of borderCodes.entries()) {
    const peer = await connectPeer(server.port);
    const served = await server.connected(index + 1);
    peer.close(code, 'because');
    await eventually(() => peer.ended);
    peer.socket.end();
    await served.noted(/^close/);
    if (mayTravel(code)) {
      assert.deepEqual(peer.events, [`close ${code} because`]);
      assert.deepEqual(served.lines, ['open', `close ${code} because`]);
    } else {
      assert.match(peer.events.join('\n'), new RegExp(`^close 1002 .*${code}`));
      assert.deepEqual(served.lines.slice(0, 2), ['open', 'error WS_CLOSE_PAYLOAD']);
      assert.match(served.lines[2]!, /^close 1002 /);
    }
  }
});

test('over a socket, close() with an invalid code throws and changes nothing', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  for (const code of allCodes) {
    if (mayTravel(code) || code === 1005) continue;
    assert.throws(() => served.connection.close(code, 'because'), { code: 'WS_CLOSE_CODE' }, String(code));
  }
  served.connection.send('still open');
  await peer.saw('text still open');
  assert.deepEqual(peer.events, ['text still open']);
  peer.socket.destroy();
});

test('over a socket, sends each valid code with its reason and reports it once', async (t) => {
  const server = await serve(t);
  for (const [index, code] of borderCodes.filter(mayTravel).entries()) {
    const peer = await connectPeer(server.port);
    const served = await server.connected(index + 1);
    served.connection.close(code, 'because');
    await peer.saw(`close ${code} because`);
    assert.deepEqual(served.lines, ['open']);
    peer.close(code, 'because');
    await served.noted(`close ${code} because`);
    await eventually(() => peer.ended);
    peer.socket.end();
    assert.deepEqual(peer.events, [`close ${code} because`]);
  }
});
