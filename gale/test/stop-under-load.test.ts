/** Shutdown of a program under load: no request fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeepAliveClient } from './support/http/keep-alive-client.ts';
import { StartedProgram } from './support/started-program.ts';

const count = 64;

for (const processes of [1, 2]) {
  test(`SIGTERM to ${processes} process(es) under load of ${count} connections completes every request`, async (t) => {
    const program = new StartedProgram(t, { processes });
    const [{ port } = { port: 0 }] = await program.serving(processes);
    // Fast responses, slow responses, and connections that are idle when the signal arrives.
    const busy = Array.from({ length: count }, (_, i) => new KeepAliveClient(port, i % 4 === 0 ? '/later' : '/'));
    const silent = Array.from({ length: 8 }, () => new KeepAliveClient(port, '/', 1));
    await program.until(() => [...busy, ...silent].every(({ responses }) => responses > 0));
    const before = busy.reduce((sum, { responses }) => sum + responses, 0);
    await program.until(() => busy.reduce((sum, { responses }) => sum + responses, 0) > before + 1000);
    program.signal('SIGTERM');
    const accounts = await Promise.all(busy.map(({ ended }) => ended));
    for (const { sent, responses, failure } of accounts) {
      assert.equal(failure, undefined);
      assert.equal(responses, sent);
    }
    // Busy clients always had a request in flight, so the last response of each announces the close.
    assert.equal(accounts.filter(({ closeAnnounced }) => closeAnnounced).length, count);
    for (const { ended } of silent) {
      assert.deepEqual(await ended, { sent: 1, responses: 1, closeAnnounced: false, failure: undefined });
    }
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.equal(program.lines.filter((line) => 'closing' in line).length, processes);
    assert.deepEqual([program.logged, program.errors], [[], '']);
  });
}
