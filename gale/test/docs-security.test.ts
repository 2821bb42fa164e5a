/** Runs the program of docs/guide/security.md. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSignedValue } from '../src/web/cookies/signed-value.ts';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/security.md');
const [profile = ''] = programs;
const secret = 'a secret of the test, longer than 32 bytes';

/** The cookie of a session. */
const session = (name: string): string => `session=${createSignedValue(secret, 'session', name)}`;

test('the form of the guide is accepted from its own session and site only', async (t) => {
  const { port } = await startProgram(t, profile, (folder) => writeFile(join(folder, 'cookie-secret'), secret));
  const url = `http://localhost:${port}/profile`;
  const page = await fetch(url, { headers: { Cookie: session('ann') } });
  const xsrf = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const token = /name="_xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const post = async (name: string, headers: Record<string, string>): Promise<number> => {
    const body = new URLSearchParams({ _xsrf: token });
    const sent = { method: 'POST', body, headers: { Cookie: `${xsrf}; ${session(name)}`, ...headers } };
    return (await fetch(url, sent)).status;
  };
  assert.equal(await post('ann', {}), 200);
  assert.equal(await post('ann', { Origin: `http://localhost:${port}` }), 200);
  assert.equal(await post('ann', { Origin: 'https://partner.example' }), 200);
  assert.equal(await post('ann', { Origin: 'https://evil.example' }), 403);
  assert.equal(await post('ann', { 'Sec-Fetch-Site': 'same-site' }), 403);
  assert.equal(await post('ben', {}), 403);
});
