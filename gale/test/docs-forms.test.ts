/** Runs the programs of docs/guide/forms.md. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';
import { submit } from './support/web/rendered-form.ts';

const programs = await programsOf('docs/guide/forms.md');

/** A browser with one cookie jar and no redirects. */
class Visitor {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(this.#origin + path, {
      redirect: 'manual',
      ...init,
      headers: { cookie, ...(init.headers as Record<string, string>) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const equals = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return response;
  }

  /** Opens the page, fills in its form and sends it. */
  async send(
    path: string,
    texts: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const page = await (await this.request(path)).text();
    const [html = ''] = /<form[^]*<\/form>/.exec(page) ?? [];
    const entries = new Map([...submit(html), ...Object.entries(texts)]);
    const isMultipart = html.includes('multipart/form-data');
    const body = isMultipart ? new FormData() : new URLSearchParams();
    for (const [name, value] of entries) body.append(name, value);
    return this.request(path.replace(/\?.*/, ''), { method: 'POST', body, headers });
  }
}

const visit = async (t: TestContext, program: string | undefined): Promise<Visitor> => {
  const { port } = await startProgram(t, program ?? '');
  return new Visitor(`http://localhost:${port}`);
};

test('people register and log in with the forms of the guide', async (t) => {
  const visitor = await visit(t, programs[0]);
  const account = { name: 'Ada', email: 'ada@example.com', password: ' spaces matter ', again: ' spaces matter ' };
  const wrong = await visitor.send('/register', { ...account, again: 'other' });
  assert.equal(wrong.status, 422);
  const page = await wrong.text();
  assert.ok(
    page.includes('The passwords differ.') && page.includes('ada@example.com') && !page.includes('spaces matter'),
  );
  const created = await visitor.send('/register', account);
  assert.equal(created.status, 303);
  assert.ok((await (await visitor.request('/')).text()).includes('Hello, Ada!'));
  const taken = await visitor.send('/register', account);
  assert.ok((await taken.text()).includes('This name is taken. Please choose another.'));
  for (const [texts, status] of [
    [{ name: 'Ada', password: 'spaces matter' }, 422],
    [{ name: 'Bob', password: ' spaces matter ' }, 422],
    [{ name: 'Ada', password: ' spaces matter ' }, 303],
  ] as const) {
    const login = await visitor.send('/login?next=//evil.example', texts);
    assert.equal(login.status, status);
    if (status === 303) assert.equal(login.headers.get('location'), '/');
    else assert.ok((await login.text()).includes('The name or the password is wrong.'));
  }
});

test('the booking of the guide is checked by its schemas', async (t) => {
  const visitor = await visit(t, programs[1]);
  const booking = { from: '2026-05-01', to: '2026-05-03', guests: '2', room: 'garden' };
  const json = { Accept: 'application/json' };
  const good = await visitor.send('/bookings', booking, json);
  assert.deepEqual(await good.json(), { ...booking, guests: 2 });
  for (const [texts, path, message] of [
    [{ to: '2026-04-30' }, 'to', 'The last day must be after the first.'],
    [{ guests: '7' }, 'guests', 'We have room for 6 guests.'],
    [{ from: '2026-02-30' }, 'from', 'Please enter a date that exists, such as 2026-12-31.'],
  ] as const) {
    const wrong = await visitor.send('/bookings', { ...booking, ...texts }, json);
    assert.equal(wrong.status, 422);
    assert.deepEqual(((await wrong.json()) as { errors: unknown }).errors, [{ path, message }]);
  }
});

test('the profile of the guide is edited', async (t) => {
  const visitor = await visit(t, programs[2]);
  const saved = await visitor.send('/profile', { about: 'Tea & <cake>' });
  assert.equal(saved.status, 303);
  const page = await (await visitor.request('/profile')).text();
  const entries = submit(page).filter(([name]) => name !== '_xsrf');
  assert.deepEqual(entries, [
    ['about', 'Tea & <cake>'],
    ['languages', 'en'],
    ['news', 'on'],
  ]);
});
