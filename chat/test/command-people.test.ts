/** `npm run chat -- user` and `invite`, while a server uses the same data. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { password, startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';
import { within } from './support/within.ts';

const commandPath = fileURLToPath(new URL('../command/chat.ts', import.meta.url));

async function run(
  words: readonly string[],
  input: string | Buffer = '',
): Promise<{ code: number; output: string; errors: string }> {
  const child = spawn(process.execPath, ['--conditions=gale-source', commandPath, ...words]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, output, errors };
}

test('people are added, changed and invited by commands while the server runs', async (t) => {
  const data = `--data=${await temporaryFolder(t)}`;
  const early = await run(['user', 'add', 'Ada', data], `${password}\n`);
  assert.equal(early.code, 1);
  assert.match(early.errors, /start the server once/);

  const server = await startServer(t, { args: [data], environment: { REGISTRATION: 'invite' } });
  const added = await run(['user', 'add', 'Ada', '--role=administrator', data], `${password}\n`);
  assert.deepEqual([added.code, added.output, added.errors], [0, 'Added Ada, administrator.\n', '']);
  const ada = new Visitor(t, server.url);
  await ada.logIn('Ada');
  assert.equal((await ada.get('/admin/invites')).status, 200);
  assert.equal((await run(['user', 'add', 'ada', data], `${password}\n`)).code, 1);

  const invited = await run(['invite', `--origin=${server.url}`, '--uses=1', data]);
  assert.equal(invited.code, 0, invited.errors);
  const path = new URL(invited.output.trim()).pathname;
  const bob = new Visitor(t, server.url);
  assert.equal((await bob.submit(path, { name: 'Bob', password })).status, 303);
  assert.equal((await new Visitor(t, server.url).get(path)).status, 410);

  const adas = await RawSocket.open(ada);
  const { id: room } = (await adas.do('make-room', { name: 'Old plans' }))['room'] as { id: string };
  const forRooms = (names: string) => run(['invite', `--origin=${server.url}`, `--rooms=${names}`, data]);
  const twice = await forRooms('lobby,old plans,lobby,Old plans');
  assert.deepEqual([twice.code, twice.errors], [0, '']);
  await adas.do('archive-room', { room, archived: true });
  const archived = await forRooms('lobby,Old plans');
  assert.deepEqual([archived.code, archived.output], [1, '']);
  assert.match(archived.errors, /^The room "Old plans" is archived, so nobody joins it; /);

  const other = 'another good password';
  const window = await RawSocket.open(bob);
  const changed = await run(['user', 'passwd', 'Bob', data], other);
  assert.deepEqual([changed.code, /end within two seconds/.test(changed.output)], [0, true]);
  assert.equal((await within(window.closed, () => 'the end of the window', 2000)).code, 4401);
  assert.equal((await bob.get('/')).status, 302);
  assert.equal((await bob.submit('/login', { name: 'Bob', password })).status, 400);
  assert.equal((await bob.submit('/login', { name: 'Bob', password: other })).status, 303);

  const again = await RawSocket.open(bob);
  const role = await run(['user', 'role', 'Bob', '--role=guest', data]);
  assert.deepEqual([role.code, /Open windows end/.test(role.output)], [0, true]);
  assert.equal((await within(again.closed, () => 'the end of the window', 2000)).code, 4401);
  assert.equal((await bob.get('/')).status, 302, 'windows of a guest are not in the lobby any more');
  assert.equal((await bob.submit('/login', { name: 'Bob', password: other })).status, 303);

  assert.equal((await run(['user', 'deactivate', 'Bob', data])).code, 0);
  assert.equal((await bob.get('/')).status, 302);
  const refused = await bob.submit('/login', { name: 'Bob', password: other });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /deactivated/);
  const last = await run(['user', 'deactivate', 'Ada', data]);
  assert.deepEqual([last.code, /only administrator/.test(last.errors)], [1, true]);
});

async function idOf(visitor: Visitor): Promise<string> {
  return ((await (await visitor.get('/me')).json()) as { person: { id: string } }).person.id;
}

test('open windows of others show what a command changed', async (t) => {
  const data = `--data=${await temporaryFolder(t)}`;
  const server = await startServer(t, { args: [data] });
  const [ann, bob] = [new Visitor(t, server.url), new Visitor(t, server.url)];
  await ann.register('Ann');
  await bob.register('Bob');
  const [anns, bobs] = [await RawSocket.open(ann), await RawSocket.open(bob)];
  const person = await idOf(bob);
  const { id: room } = (await bobs.do('make-room', { name: 'Plans', people: [await idOf(ann)] }))['room'] as {
    id: string;
  };
  for (const id of ['lobby', room]) await anns.do('subscribe', { room: id });

  const { length: beforeRole } = anns.frames;
  assert.equal((await run(['user', 'role', 'Bob', '--role=guest', data])).code, 0);
  await anns.frame({ type: 'person-changed', person }, beforeRole);
  await anns.frame({ type: 'room-own', room, role: 'owner' }, beforeRole);
  await anns.frame({ type: 'signal', room: 'lobby' }, beforeRole);
  const { length: beforeAdd } = anns.frames;
  assert.equal((await run(['user', 'add', 'Eve', data], password)).code, 0);
  await anns.frame({ type: 'signal', room: 'lobby' }, beforeAdd);
  const { length: beforeDeactivation } = anns.frames;
  assert.equal((await run(['user', 'deactivate', 'Bob', data])).code, 0);
  await anns.frame({ type: 'signal', room }, beforeDeactivation);
});

test('a password on the command line, a short one and an unknown person are refused with one line', async (t) => {
  const data = `--data=${await temporaryFolder(t)}`;
  const server = await startServer(t, { args: [data] });
  await server.healthy();
  const origin = '--origin=http://localhost:8888';
  for (const [words, input, expected] of [
    [['user', 'add', 'Ada', '--password=correct horse', data], password, /--password/],
    [['user', 'add', 'Ada', data], 'short', /too short/],
    [['user', 'passwd', 'Nobody', data], password, /no person with the name "Nobody"/],
    [['user', 'fly', 'Ada', data], '', /Say what to do/],
    [['user', 'role', 'Ada', data], '', /^Give the new role: --role=administrator\|member\|guest\.\n$/],
    [['user', 'role', 'Ada', '--role=guest', '--role=member', data], '', /^Give --role once; got it 2 times\.\n$/],
    [['user', 'deactivate', 'Ada', '--role=guest', data], '', /^user deactivate takes no --role; /],
    [['user', 'add', 'Аda', data], password, /^"Аda" cannot be a name\. This name mixes letters that look alike/],
    // The name is checked before a password is asked for.
    [['user', 'add', 'Аda', data], '', /cannot be a name/],
    [['user', 'passwd', 'Nobody', data], '', /no person with the name "Nobody"/],
    [['user', 'add', 'Ada', data], Buffer.from('correct horse \xe9\n', 'latin1'), /is not UTF-8/],
    [['invite', '--role=guest', origin, data], '', /needs at least one room/],
    [['invite', '--rooms=Plans', origin, data], '', /no room with the name "Plans"/],
    [['invite', data], '', /^invite needs the address at which people reach the chat, .*--origin=/],
    [['invite', '--origin=', data], '', /^invite needs the address/],
  ] as const) {
    const { code, output, errors } = await run(words, input);
    assert.ok(code > 0, errors);
    assert.match(errors, expected);
    assert.equal(output, '');
  }
});
