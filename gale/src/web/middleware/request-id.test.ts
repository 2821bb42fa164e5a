import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { requestId } from './request-id.ts';

class Page extends RequestHandler {
  get(): void {
    if (this.request.query === 'fail') throw new Error('failed');
    this.write(this.request.id);
  }
}

test('each response has the id of its request, which is in the log', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [requestId()] });
  const [first, second] = [await served.get('/'), await served.get('/')];
  assert.equal(first.headers.get('x-request-id'), await first.text());
  assert.notEqual(first.headers.get('x-request-id'), second.headers.get('x-request-id'));
  const failed = await served.get('/?fail');
  const { fields } = await served.expectLine(/failed/);
  assert.equal(failed.headers.get('x-request-id'), fields['requestId']);
  assert.ok((await served.get('/unknown')).headers.has('x-request-id'));
});

test('the id of a trusted proxy is kept, in the header that is set', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [requestId({ header: 'X-Trace' })],
    server: { trustedProxies: ['loopback'] },
  });
  const response = await served.get('/', { headers: { 'x-request-id': 'abc-1' } });
  assert.equal(response.headers.get('x-trace'), 'abc-1');
});
