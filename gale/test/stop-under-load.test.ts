/** A program that is told to stop in the middle of load fails nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeepAliveClient } from './support/http/keep-alive-client.ts';
import { StartedProgram } from './support/started-program.ts';

const count = 64;

for (const processes of [1, 2]) {
  test(`SIGTERM to ${processes} process(es) under load of ${count} connections fails no request`, async (t) => {
    const program = new StartedProgram(t, { processes });
    const [{ port } = { port: 0 }] = await program.serving(processes);
    // Answers that take no time, answers that take some, and connections that are silent when the signal comes.
    const busy = Array.from({ length: count }, (_, i) => new KeepAliveClient(port, i % 4 === 0 ? '/later' : '/'));
    const silent = Array.from({ length: 8 }, () => new KeepAliveClient(port, '/', 1));
    await program.until(() => [...busy, ...silent].every(({ answered }) => answered > 0));
    const before = busy.reduce((sum, { answered }) => sum + answered, 0);
    await program.until(() => busy.reduce((sum, { answered }) => sum + answered, 0) > before + 1000);
    program.signal('SIGTERM');
    const accounts = await Promise.all(busy.map(({ ended }) => ended));
    for (const { sent, answered, failure } of accounts) {
      assert.equal(failure, undefined);
      assert.equal(answered, sent);
    }
    // Those who kept asking had something outstanding all the time, so they were told.
    assert.equal(accounts.filter(({ wasTold }) => wasTold).length, count);
    for (const { ended } of silent) {
      assert.deepEqual(await ended, { sent: 1, answered: 1, wasTold: false, failure: undefined });
    }
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.equal(program.lines.filter((line) => 'closing' in line).length, processes);
    assert.deepEqual([program.logged, program.errors], [[], '']);
  });
}
