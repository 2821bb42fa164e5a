/** The programs of `examples/tutorials/` with a client: routes, the order of steps, counts. tutorials-chromium.test.ts has those with a page. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { tutorials } from '../../examples/tutorials/programs.ts';
import { eventually } from './support/eventually.ts';
import { root, textOf } from './support/repository.ts';
import { startTutorial, wordsOf } from './support/started-tutorial.ts';

async function get(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return response.text();
}

/** The body of a GET request with another Host, which fetch does not send. */
async function getFromHost(port: number, host: string, path: string): Promise<string> {
  const sent = request({ host: '127.0.0.1', port, path, headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  return text(response);
}

test('routes: arguments, a group, a host and URLs from names', async (t) => {
  const { url, port } = await startTutorial(t, 'routes');
  const names = 'name1 is /index/, name2 with 666 is /index/666\n';
  assert.equal(await get(`${url}/index/`), `index without an id\n${names}`);
  assert.equal(await get(`${url}/index/333333`), `index 333333\n${names}`);
  assert.equal((await fetch(`${url}/index/x`)).status, 404);
  assert.equal(await get(`${url}/stories`), 'The first story is at /stories/1\n');
  assert.equal(await get(`${url}/stories/1`), 'story 1\n');
  const host = `admin.localhost:${port}`;
  assert.equal(await getFromHost(port, host, '/index/7'), `index 7 of ${host}\n`);
  assert.equal(await getFromHost(port, host, '/stories/1'), 'story 1\n');
});

test('life-cycle: the steps run in order, and prepare can end the request', async (t) => {
  const program = await startTutorial(t, 'life-cycle');
  const begin = 'initialize with hello -> prepare';
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const response = await fetch(`${program.url}/index/`, { method });
    assert.equal(await response.text(), `${begin} -> ${method.toLowerCase()}\n`);
  }
  assert.equal((await fetch(`${program.url}/index/`, { method: 'PATCH' })).status, 405);
  assert.equal(await get(`${program.url}/index/?stop=prepare`), 'prepare has responded\n');
  const refused = await fetch(`${program.url}/index/?stop=error`);
  assert.deepEqual([refused.status, await refused.text()], [403, 'error 403\n']);
  const lines = [
    ...['get', 'post', 'put', 'delete'].map((verb) => `${begin} -> ${verb} -> onFinish`),
    `${begin} -> writeError -> onFinish`,
    `${begin} -> onFinish`,
    `${begin} -> writeError -> onFinish`,
  ];
  await eventually(
    () => program.output.split('\n').length > lines.length,
    () => program.output,
  );
  assert.deepEqual(program.output.split('\n').slice(0, -1), lines);
});

for (const name of ['cookies', 'login']) {
  test(`${name} without COOKIE_SECRET exits with a line that says how to make one`, async () => {
    const { COOKIE_SECRET: _, ...env } = process.env;
    const child = spawn(process.execPath, wordsOf(name), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.equal(output, '');
    assert.match(errors, /^This program needs a secret .*COOKIE_SECRET=\$\(npx gale secret\)\n$/);
    assert.equal(code, 1);
  });
}

test('hash-ring: with one more server, the ring moves only the sessions of the new one, the modulo most of them', async (t) => {
  const { url } = await startTutorial(t, 'hash-ring');
  const page = await get(url);
  const tables = page
    .split('<table>')
    .slice(1)
    .map((table) => ({
      moved: Number(/: (\d+) sessions move/.exec(table)?.[1]),
      rows: [...table.matchAll(/<td>([\d.]+:6379)<\/td><td>(\d+)<\/td><td>(\d+)<\/td>/g)].map(([, , ...counts]) =>
        counts.map(Number),
      ),
    }));
  const [modulo, ring] = tables;
  assert.ok(modulo && ring);
  for (const { rows } of tables) {
    assert.equal(rows.length, 4);
    const sum = (index: number): number => rows.reduce((total, counts) => total + (counts[index] ?? 0), 0);
    assert.deepEqual([sum(0), sum(1)], [10_000, 10_000]);
    // The weight of the first server is 3 of 5, then 3 of 6.
    const [before = 0, after = 0] = rows[0] ?? [];
    assert.ok(Math.abs(before - 6_000) < 900 && Math.abs(after - 5_000) < 900, `${before}, ${after}`);
  }
  // Ideal is the share of the new server, one sixth. docs/guide/tutorials.md has these numbers.
  assert.deepEqual(
    [modulo.moved, ring.moved].map((moved) => Math.round(moved / 100)),
    [64, 19],
  );
  // 97 + 98 has the remainder 0 by 5. The server of the ring is what get_node of the Python module returns.
  const servers = JSON.parse(await get(`${url}/node/ab`)) as object;
  assert.deepEqual(servers, { modulo: '192.168.1.1:6379', ring: '192.168.1.2:6379' });
});

/** What the two middlewares print before a response. */
function responded(status: number): string[] {
  return ['ware2', 'ware1'].map((name) => `before the response: ${name}, status ${status}`);
}

test('middleware: runs in order before the handler and in reverse order after it', async (t) => {
  const program = await startTutorial(t, 'middleware');
  const expected: string[] = [];
  for (const [method, query, status, lines] of [
    ['GET', '', 200, ['before the request: ware1', 'before the request: ware2', 'get', ...responded(200)]],
    ['POST', '', 200, ['before the request: ware1', 'before the request: ware2', 'post', ...responded(200)]],
    ['GET', '?closed', 503, ['before the request: ware1', ...responded(503)]],
    ['PUT', '', 405, ['before the request: ware1', 'before the request: ware2', ...responded(405)]],
  ] as const) {
    const response = await fetch(`${program.url}/index/${query}`, { method });
    assert.deepEqual([response.status, response.headers.get('x-passed')], [status, 'ware2, ware1']);
    expected.push(...lines);
  }
  await eventually(
    () => program.output.split('\n').length > expected.length,
    () => program.output,
  );
  assert.deepEqual(program.output.split('\n').slice(0, -1), expected);
});

test('docs/guide/tutorials.md lists all programs, and --help too', async () => {
  const names = Object.keys(tutorials);
  const page = await textOf('docs/guide/tutorials.md');
  const listed = [...page.matchAll(/^\| \[([\w-]+)\]\(\.\.\/\.\.\/examples\/tutorials\/([\w-]+)\.ts\) \|/gm)];
  assert.deepEqual(
    listed.map(([, name, file]) => [name, file]),
    names.map((name) => [name, name]),
  );
  const child = spawn(process.execPath, ['--conditions=gale-source', 'examples/run.ts', '--help'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const help = await text(child.stdout);
  for (const name of names) assert.ok(help.includes(`tutorials/${name}`), name);
});
