import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { HttpError } from '../http-error.ts';
import { RequestHandler } from '../handler.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { validate } from './validate.ts';
import { ValidationError } from './validation-error.ts';

interface Todo {
  readonly title: string;
  readonly tags: readonly string[];
  readonly owner: { readonly name: string };
}

/** One schema in the three libraries. */
const todoSchemas: Readonly<Record<string, StandardSchemaV1<unknown, Todo>>> = {
  zod: z.object({
    title: z.string().min(1),
    tags: z.array(z.string()),
    owner: z.object({ name: z.string() }),
  }),
  valibot: v.object({
    title: v.pipe(v.string(), v.minLength(1)),
    tags: v.array(v.string()),
    owner: v.object({ name: v.string() }),
  }),
  arktype: type({ title: 'string > 0', tags: 'string[]', owner: { name: 'string' } }),
};

const json = (value: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(value),
  headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
});
const form = (text: string): RequestInit => ({
  method: 'POST',
  body: text,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
});
const errorsOf = async (response: Response): Promise<{ path: string; message: string }[]> =>
  ((await response.json()) as { errors: { path: string; message: string }[] }).errors;

for (const [library, schema] of Object.entries(todoSchemas)) {
  test(`${library}: returns the output of the schema, or lists path and message of each wrong value`, async (t) => {
    class Todos extends RequestHandler {
      async post(): Promise<void> {
        this.write({ got: await this.body(schema) });
      }
    }
    const served = await serve(t, [['/', Todos]]);
    const todo = { title: 'Milk', tags: ['a', 'b'], owner: { name: 'Ann' } };
    assert.deepEqual(await (await served.get('/', json(todo))).json(), { got: todo });
    const wrong = await served.get('/', json({ title: '', tags: ['a', 1], owner: {} }));
    assert.equal(wrong.status, 422);
    const errors = await errorsOf(wrong);
    assert.deepEqual(errors.map(({ path }) => path).toSorted(), ['owner.name', 'tags[1]', 'title']);
    assert.ok(errors.every(({ message }) => message.length > 5));
    const notAnObject = await served.get('/', json([]));
    assert.equal(notAnObject.status, 422);
    assert.ok((await errorsOf(notAnObject)).length > 0);
  });
}

test('checks query and path with 400', async (t) => {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      const { id } = await this.params(z.object({ id: z.coerce.number().int() }));
      const { page, tag } = await this.query(
        v.object({
          page: v.optional(v.pipe(v.string(), v.transform(Number), v.integer()), '1'),
          tag: v.optional(v.union([v.string(), v.array(v.string())]), 'none'),
        }),
      );
      this.write({ id, page, tag });
    }
  }
  class Groups extends RequestHandler {
    async get(): Promise<void> {
      const [year] = await this.params(z.tuple([z.coerce.number()]));
      this.write({ year });
    }
  }
  const served = await serve(t, [
    ['/page/:id', Page],
    [/^\/year\/(\w+)$/, Groups],
  ]);
  assert.deepEqual(await (await served.get('/page/7?tag=a&tag=b')).json(), { id: 7, page: 1, tag: ['a', 'b'] });
  const init = { headers: { Accept: 'application/json' } };
  const query = await served.get('/page/7?page=x', init);
  assert.equal(query.status, 400);
  assert.deepEqual(
    (await errorsOf(query)).map(({ path }) => path),
    ['page'],
  );
  const path = await served.get('/page/seven', init);
  assert.equal(path.status, 400);
  assert.deepEqual(
    (await errorsOf(path)).map(({ path: at }) => at),
    ['id'],
  );
  assert.deepEqual(await (await served.get('/year/2026')).json(), { year: 2026 });
  assert.equal((await served.get('/year/soon')).status, 400);
});

test('checks the fields of a form, without the XSRF token', async (t) => {
  class Login extends RequestHandler {
    get(): void {
      this.write(this.xsrfToken);
    }
    async post(): Promise<void> {
      this.write(await this.body(z.strictObject({ name: z.string(), role: z.array(z.string()) })));
    }
  }
  const served = await serve(t, [['/', Login]], { xsrfCookies: true });
  const page = await served.get('/');
  const token = await page.text();
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const send = (text: string): Promise<Response> => {
    const init = form(`_xsrf=${encodeURIComponent(token)}&${text}`);
    return served.get('/', { ...init, headers: { ...init.headers, cookie } });
  };
  assert.deepEqual(await (await send('name=Ann&role=a&role=b')).json(), { name: 'Ann', role: ['a', 'b'] });
  const wrong = await send('name=Ann&role=a&role=b&admin=1');
  assert.equal(wrong.status, 422);
  const other = await served.get('/', {
    ...json('x'),
    body: 'x',
    headers: { cookie, 'X-Xsrftoken': token, 'Content-Type': 'text/plain' },
  });
  assert.equal(other.status, 415);
  assert.match(other.headers.get('accept') ?? '', /^application\/json, application\/x-www-form-urlencoded/);
});

test('awaits schemas that are async', async (t) => {
  class Names extends RequestHandler {
    async post(): Promise<void> {
      const free = z.string().refine(async (name) => (await Promise.resolve(name)) !== 'taken', 'This name is taken');
      this.write(await this.body(z.object({ name: free })));
    }
  }
  const served = await serve(t, [['/', Names]]);
  assert.deepEqual(await (await served.get('/', json({ name: 'free' }))).json(), { name: 'free' });
  assert.deepEqual(await errorsOf(await served.get('/', json({ name: 'taken' }))), [
    { path: 'name', message: 'This name is taken' },
  ]);
});

const schemaOf = (check: (value: unknown) => unknown): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate: check as StandardSchemaV1['~standard']['validate'] },
});

test('what is no schema, and a schema that fails, are errors of the server', async () => {
  for (const schema of [undefined, null, 'x', {}, z.string, { '~standard': { version: 2, validate: () => ({}) } }]) {
    await assert.rejects(validate('body', schema as never, 1), {
      code: 'WEB_SCHEMA',
      status: 500,
      message: /^The schema of body must be a Standard Schema, such as one of Zod 4, Valibot or ArkType; got /,
    });
  }
  const cause = new TypeError('no such column');
  const throws = schemaOf(() => {
    throw cause;
  });
  await assert.rejects(validate('query', throws, 1), {
    code: 'WEB_SCHEMA',
    message: 'The schema of query threw an error; it must return its issues.',
    cause,
  });
  for (const result of [undefined, null, 'x', {}, { issues: 'x' }]) {
    await assert.rejects(
      validate(
        'body',
        schemaOf(() => result),
        1,
      ),
      { code: 'WEB_SCHEMA', message: /must return a value or a list of issues; got / },
    );
  }
  const busy = schemaOf(() => Promise.reject(new HttpError(503)));
  await assert.rejects(validate('body', busy, 1), { name: 'HttpError', status: 503 });
});

test('a failing schema is 500 and one clear line in the log', async (t) => {
  class Broken extends RequestHandler {
    async post(): Promise<void> {
      await this.body({ '~standard': 'nothing' } as never);
    }
  }
  const served = await serve(t, [['/', Broken]]);
  assert.equal((await served.get('/', json({}))).status, 500);
  await served.expectLine(/The schema of body must be a Standard Schema/);
});

test('bounds the list of issues, their messages and paths', async () => {
  const issue = {
    message: 'm'.repeat(10_000),
    path: Array.from({ length: 1_000 }, () => ({ key: 'k'.repeat(10_000) })),
  };
  const many = schemaOf(() => ({ issues: Array.from({ length: 5_000 }, () => issue) }));
  await assert.rejects(validate('body', many, 1), (error) => {
    assert.ok(error instanceof ValidationError);
    assert.equal(error.issues.length, 50);
    assert.ok(JSON.stringify(error.issues).length < 50 * 600);
    assert.match(String(error.problem?.detail), /the first 50 of 5000 errors are listed/);
    return true;
  });
});

test('writes a path like JavaScript', async () => {
  for (const [path, text] of [
    [undefined, ''],
    [[], ''],
    [['a', 0, 'b'], 'a[0].b'],
    [[{ key: 'a' }, { key: 1 }], 'a[1]'],
    [['a b', 'c"d'], '["a b"]["c\\"d"]'],
    [[Symbol('s')], '["Symbol(s)"]'],
    [['x'.repeat(300)], `${'x'.repeat(200)}…`],
  ] as const) {
    await assert.rejects(
      validate(
        'body',
        schemaOf(() => ({ issues: [{ message: 'wrong', path }] })),
        1,
      ),
      (error) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(error.issues[0]?.path, text);
        return true;
      },
    );
  }
});
