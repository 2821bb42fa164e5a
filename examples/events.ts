/** Server-sent events: a page that shows each line that anybody sends, also those of the time without a connection. */
import { Application, RequestHandler, type Settings } from 'gale';
import type { EventStream } from 'gale/web';

/** Most lines that are kept for clients that come back. */
const keptLines = 100;

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lines</title>
<form action="/lines" method="post" target="nothing"><input name="text" aria-label="Text" maxlength="1000" required> <button>Send</button></form>
<iframe name="nothing" title="Result" hidden></iframe>
<ul></ul>
<script>
  new EventSource('/events').addEventListener('line', ({ data }) => {
    const item = document.createElement('li');
    item.textContent = JSON.parse(data).text;
    document.querySelector('ul').append(item);
  });
</script>
`;

/** A page at `/`, its events at `/events`, and POST `/lines` with a form that has `text`. */
export function createEvents(settings: Settings): Application {
  const lines: { readonly id: number; readonly text: string }[] = [];
  const streams = new Set<EventStream>();

  class Page extends RequestHandler {
    get(): void {
      this.write(page);
    }
  }

  class Events extends RequestHandler {
    async get(): Promise<void> {
      const events = await this.events();
      const lastId = Number(events.lastEventId ?? 0);
      for (const line of lines) if (line.id > lastId) void events.send(eventOf(line));
      streams.add(events);
      await events.ended;
      streams.delete(events);
    }
  }

  class Lines extends RequestHandler {
    post(): void {
      const line = { id: (lines.at(-1)?.id ?? 0) + 1, text: this.getBodyArgument('text').slice(0, 1_000) };
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      // Not awaited: a slow reader is reset at maxBufferedBytes, comes back with its last id, and delays nobody else.
      for (const events of streams) void events.send(eventOf(line));
      this.setStatus(204);
    }
  }

  const routes = [
    ['/', Page],
    ['/events', Events],
    ['/lines', Lines],
  ] as const;
  return new Application(routes, settings);
}

function eventOf({ id, text }: { readonly id: number; readonly text: string }): {
  event: string;
  id: number;
  data: object;
} {
  return { event: 'line', id, data: { text } };
}
