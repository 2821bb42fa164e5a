/** M12: groups, day lines and times: each reader sees an instant in their own time zone, and `<time>` has it in UTC. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { until } from './support/until.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { textsOf } from './support/texts-of.ts';

const browser = await launchChromium();
after(() => browser.close());

/** When the messages were sent. */
const sent: Readonly<Record<string, string>> = {
  one: '2026-01-01T20:00:00.000Z',
  two: '2026-01-01T20:03:00.000Z',
  'later, a new group': '2026-01-01T20:20:00.000Z',
  'late in New York': '2026-01-02T04:30:00.000Z',
  'the next day in New York': '2026-01-02T05:30:00.000Z',
};

/** Texts of the messages that begin a group. */
const beginningsOf = (window: ChatWindow): Promise<string[]> => textsOf(window.log, '.message--first .message-content');

for (const [timezoneId, locale, days, first] of [
  ['Asia/Shanghai', 'zh-CN', [{ day: '2', before: 'one' }], '04:00'],
  [
    'America/New_York',
    'en-US',
    [
      { day: '1', before: 'one' },
      { day: '2', before: 'the next day in New York' },
    ],
    '3:00',
  ],
] as const) {
  test(`M12: the same messages have the days, groups and times of ${timezoneId}`, async (t) => {
    const chat = await serveBuilt(t);
    const author = await ChatWindow.open(t, browser, chat.url);
    await author.register('Bob');
    for (const text of Object.keys(sent)) await author.sayAndSee(text);

    const reader = await ChatWindow.open(t, browser, chat.url, { timezoneId, locale });
    // The messages were sent long ago: in the table, which the page has, and in the stream.
    const { tables } = chat.database;
    const copied = async (): Promise<boolean> => {
      const rows = await tables.selectFrom('message').select('seq').execute();
      return rows.length === Object.keys(sent).length;
    };
    await until(copied);
    for (const [text, at] of Object.entries(sent))
      await tables
        .updateTable('message')
        .set({ sentAt: Date.parse(at) })
        .where('text', '=', text)
        .execute();
    await reader.page.routeWebSocket(/\/socket$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => server.send(frame));
      server.onMessage((frame) => {
        const parsed = JSON.parse(String(frame)) as { type: string; time?: number; data?: { text: string } };
        const at = parsed.type === 'message' && sent[parsed.data?.text ?? ''];
        socket.send(at ? JSON.stringify({ ...parsed, time: Date.parse(at) }) : frame);
      });
    });
    await reader.register('Ada');
    await reader.seeTexts(Object.keys(sent));
    const times = reader.log.locator('time.message-time');
    assert.deepEqual(
      await times.evaluateAll((all) => all.map((time) => (time as HTMLTimeElement).dateTime)),
      Object.values(sent),
    );
    assert.match((await times.first().textContent()) ?? '', new RegExp(first));
    await times.first().hover();
    assert.match((await times.first().getAttribute('title')) ?? '', /2026/);

    // A day line is before the first message of each day.
    const shown = await reader.log.evaluate((log) =>
      [...log.querySelectorAll('.day-line')].map((line) => {
        let next = line.nextElementSibling;
        while (next && !next.matches('.message')) next = next.nextElementSibling;
        return { text: line.textContent, before: next?.querySelector('.message-content')?.textContent };
      }),
    );
    assert.deepEqual(
      shown.map(({ before }) => before),
      days.map(({ before }) => before),
    );
    for (const [index, { day }] of days.entries())
      assert.match(shown[index]?.text ?? '', new RegExp(`\\b${day}\\b|${day}日`));

    const begins = await beginningsOf(reader);
    const groups = ['one', 'later, a new group', 'late in New York', 'the next day in New York'];
    assert.deepEqual(begins, groups);
  });
}

test('M12: a message of now is below "today", in the words of the reader', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url, { timezoneId: 'Asia/Shanghai', locale: 'zh-CN' });
  await ada.register('Ada');
  await ada.sayAndSee('现在几点');
  const time = ada.log.locator('time.message-time');
  const at = new Date((await time.getAttribute('datetime')) ?? '');
  const clock = new Intl.DateTimeFormat('zh-CN', { timeStyle: 'short', timeZone: 'Asia/Shanghai' }).format(at);
  assert.equal(await time.innerText(), clock);
  await time.hover();
  assert.match((await time.getAttribute('title')) ?? '', /^\d{4}年/);
  assert.equal(await ada.log.locator('.day-line').innerText(), '今天');
});

test('M12: the day line is right after midnight, in a page that stays open', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url, { timezoneId: 'Asia/Shanghai' });
  await ada.page.clock.install();
  let passedMs = 0;
  // The clock of the server goes on too.
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      const { type, time, ...more } = JSON.parse(String(frame)) as { type: string; time: number };
      socket.send(type === 'welcome' ? JSON.stringify({ type, ...more, time: time + passedMs }) : frame);
    });
  });
  await ada.register('Ada');
  await ada.sayAndSee('good night');
  const line = ada.log.locator('.day-line');
  assert.equal(await line.innerText(), 'Today');
  const sent = Date.parse((await ada.log.locator('time.message-time').getAttribute('datetime')) ?? '');
  // China has no summer time.
  const aheadMs = 8 * 3_600_000;
  const dayMs = 24 * 3_600_000;
  passedMs = dayMs - ((sent + aheadMs) % dayMs) + 1000;
  await ada.page.clock.fastForward(passedMs);
  await line.getByText('Yesterday').waitFor();
  assert.equal(await line.count(), 1);
});

for (const hours of [-26, 26]) {
  test(`M12: a computer whose clock is ${hours} hours ahead shows the times of the server`, async (t) => {
    const chat = await serveBuilt(t);
    const ada = await ChatWindow.open(t, browser, chat.url);
    await ada.page.clock.install({ time: Date.now() + hours * 3_600_000 });
    const proxy = await SocketProxy.open(ada.page);
    await ada.register('Ada');
    const before = Date.now();
    await ada.sayAndSee('stored');
    const day = ada.log.locator('.day-line');
    assert.deepEqual(await day.allInnerTexts(), ['Today']);
    const timeOf = async (text: string): Promise<number> =>
      Date.parse((await ada.rowOf(text).locator('time.message-time').getAttribute('datetime')) ?? '');
    const stored = await timeOf('stored');
    assert.ok(stored >= before && stored <= Date.now());
    // One that waits is at the end, below the same day.
    proxy.hold('publish', 'message');
    await ada.say('waits');
    await proxy.holds(1);
    await ada.seeTexts(['stored', 'waits']);
    assert.deepEqual(await day.allInnerTexts(), ['Today']);
    await ada.say('waits too');
    proxy.release();
    await ada.log.locator('.message--sent').nth(2).waitFor();
    assert.deepEqual(await ada.texts(), ['stored', 'waits', 'waits too']);
    // Muting for an hour is an hour of the server.
    await ada.page.getByRole('button', { name: 'More about this room' }).click();
    await ada.page.getByRole('button', { name: '1 hour' }).click();
    const muted = chat.database.tables.selectFrom('member').select('mutedUntil').where('mutedUntil', 'is not', null);
    await until(async () => (await muted.executeTakeFirst()) !== undefined);
    const { mutedUntil } = await muted.executeTakeFirstOrThrow();
    assert.ok(Math.abs(Number(mutedUntil) - Date.now() - 3_600_000) < 60_000, `${mutedUntil}`);
  });
}

test('M12: a group is of one person: messages of another one, and ones that were not sent, begin their own', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  const bob = await ChatWindow.open(t, browser, chat.url);
  // A proxy makes one text invalid, so that it is refused.
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(String(frame).replace('"not sent"', String.raw`"\u0007"`)));
    server.onMessage((frame) => socket.send(frame));
  });
  await ada.register('Ada');
  await bob.register('Bob');
  // A line says that somebody came in. One that comes late is between messages, and begins a group.
  for (const window of [ada, bob]) await window.seePeople(2);
  for (const [window, text] of [
    [ada, 'a'],
    [ada, 'b'],
    [bob, 'c'],
    [ada, 'd'],
  ] as const) {
    await window.sayAndSee(text);
    for (const other of [ada, bob]) await other.log.getByText(text, { exact: true }).waitFor();
  }
  await ada.say('not sent');
  await ada.log.locator('.message--failed').waitFor();
  assert.deepEqual(await beginningsOf(bob), ['a', 'c', 'd']);
  assert.deepEqual(await beginningsOf(ada), ['a', 'c', 'd', 'not sent']);
});
