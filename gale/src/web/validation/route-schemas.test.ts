/** The option `schemas` of a route: checked before the verb, with the outputs in `handler.validated`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';

const json = (method: string, value: unknown): RequestInit => ({
  method,
  body: JSON.stringify(value),
  headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
});

const authorized = (init: RequestInit): RequestInit => ({
  ...init,
  headers: { ...(init.headers as Record<string, string>), Authorization: 'x' },
});

const params = z.object({ id: z.coerce.number().int() });
const query = v.object({ page: v.optional(v.pipe(v.string(), v.transform(Number), v.integer()), '1') });
const body = z.object({ title: z.string() });

test('a function gets the outputs of the schemas, and is not called if the request does not fit', async (t) => {
  let calls = 0;
  const served = await serve(t, [
    [
      '/todos/:id',
      {
        get: (raw, { validated }) => ({ raw, params: validated['params'], query: validated['query'] }),
        post: (_, { validated }) => {
          calls++;
          return { body: validated['body'] };
        },
      },
      { schemas: { params, query, body } },
    ],
  ]);
  assert.deepEqual(await (await served.get('/todos/7?page=2')).json(), {
    raw: { id: '7' },
    params: { id: 7 },
    query: { page: 2 },
  });
  assert.deepEqual(await (await served.get('/todos/7', json('POST', { title: 'Milk', more: 1 }))).json(), {
    body: { title: 'Milk' },
  });
  for (const [path, init, status, at] of [
    ['/todos/seven', json('POST', { title: 'x' }), 400, 'id'],
    ['/todos/7?page=x', json('POST', { title: 'x' }), 400, 'page'],
    ['/todos/7', json('POST', { title: 1 }), 422, 'title'],
  ] as const) {
    const response = await served.get(path, init);
    assert.equal(response.status, status);
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    assert.deepEqual(
      errors.map((error) => error.path),
      [at],
    );
  }
  assert.equal((await served.get('/todos/7', { method: 'POST', body: 'x' })).status, 415);
  assert.equal(calls, 1);
});

test('a class has them too, after prepare, and other methods than POST, PUT and PATCH have no body', async (t) => {
  class Todos extends RequestHandler {
    override prepare(): void {
      if (this.request.headers.get('authorization') === undefined) throw new HttpError(401);
      assert.deepEqual(this.validated, {});
    }
    get(): void {
      this.write({ ...this.validated });
    }
    put(): void {
      this.get();
    }
    patch(): void {
      this.get();
    }
    delete(): void {
      this.get();
    }
  }
  const served = await serve(t, [['/', Todos, { schemas: { body } }]]);
  assert.equal((await served.get('/', json('PUT', {}))).status, 401);
  for (const method of ['PUT', 'PATCH']) {
    const response = await served.get('/', authorized(json(method, { title: 'a' })));
    assert.deepEqual(await response.json(), { body: { title: 'a' } });
    assert.equal((await served.get('/', authorized(json(method, {})))).status, 422);
  }
  assert.deepEqual(await (await served.get('/', authorized(json('DELETE', {})))).json(), {});
  assert.deepEqual(await (await served.get('/', authorized({}))).json(), {});
});
