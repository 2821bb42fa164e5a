/** `EventSource` of Chromium with a stream of a handler: it reconnects with its last id, until it gets 204. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { RequestHandler } from '../src/web/handler.ts';
import type { EventStream } from '../src/web/events/event-stream.ts';
import { eventually } from './support/eventually.ts';
import { serve } from './support/web/web-server.ts';

declare const received: string[];

const page = `<!doctype html><title>page</title><script>
  var received = [];
  const source = new EventSource('/events');
  const note = (event) => received.push([event.type, event.data, event.lastEventId].join('|'));
  source.onopen = () => received.push('open');
  source.onerror = () => received.push(source.readyState === EventSource.CLOSED ? 'closed' : 'lost');
  source.onmessage = note;
  source.addEventListener('price', note);
</script>`;

test('EventSource reads events, reconnects with the last id, and stops after 204', async (t) => {
  const streams: EventStream[] = [];
  let isOver = false;
  class Page extends RequestHandler {
    get(): void {
      this.write(page);
    }
  }
  class Events extends RequestHandler {
    async get(): Promise<void> {
      if (isOver) return this.setStatus(204);
      const events = await this.events();
      streams.push(events);
      await events.ended;
    }
  }
  const served = await serve(t, [
    ['/', Page],
    ['/events', Events],
  ]);
  const browser = await launchChromium();
  t.after(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${served.port}/`);
  const stream = async (index: number): Promise<EventStream> => {
    await eventually(() => streams.length > index);
    return streams[index] as EventStream;
  };
  const see = async (expected: readonly string[]): Promise<void> => {
    await tab.waitForFunction((count) => received.length >= count, expected.length);
    assert.deepEqual(await tab.evaluate(() => received), expected);
  };

  const first = await stream(0);
  assert.equal(first.lastEventId, undefined);
  await first.send({ retry: 1 });
  await first.send({ data: 'two\nlines', id: 'ä 1' });
  await first.send({ event: 'price', data: { now: 5 } });
  await first.send({ data: '', id: 2 });
  const expected = ['open', 'message|two\nlines|ä 1', 'price|{"now":5}|ä 1', 'message||2'];
  await see(expected);
  first.close();

  const second = await stream(1);
  assert.equal(second.lastEventId, '2');
  await second.send({ data: 'again' });
  expected.push('lost', 'open', 'message|again|2');
  await see(expected);

  isOver = true;
  second.close();
  await tab.waitForFunction(() => received.at(-1) === 'closed');
  expected.push('lost', 'closed');
  assert.deepEqual(await tab.evaluate(() => received), expected);
  assert.equal(streams.length, 2);
});
