/** A lobby with a long history, for browser tests of scrolling: its messages are written before the window opens. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { RoomsClient } from 'gale/client';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { manyMessages, startServer, Visitor, type ServerProcess } from './chat-server.ts';
import { ChatWindow } from './chat-window.ts';
import { storages, type StorageKind } from './storages.ts';
import { until } from './until.ts';

/** A lobby, its writer Bob, and how to open windows of Ada. */
export interface LongLobby {
  readonly server: ServerProcess;
  readonly bob: RoomsClient;
  /** Sends messages with the texts `message N`, and waits until the history has them. */
  say(from: number, to: number): Promise<void>;
  /** Opens a window of Ada. */
  open(browser: Browser, options?: BrowserContextOptions): Promise<ChatWindow>;
}

/** How a {@link LongLobby} is served. */
export interface LongLobbyOptions {
  /** Where it is stored. @defaultValue in SQLite */
  readonly storage?: StorageKind;
  /** Further options of the server. @defaultValue {@link manyMessages} */
  readonly args?: readonly string[];
}

/** Starts a server whose lobby has `count` messages, which Ada has read. */
export async function startLongLobby(
  t: TestContext,
  count: number,
  { storage, args = manyMessages }: LongLobbyOptions = {},
): Promise<LongLobby> {
  const stored = await (storage ?? storages[0]!).open(t);
  const server = await startServer(t, { args: [...stored.args, ...args] });
  const visitor = new Visitor(t, server.url);
  await visitor.register('Bob');
  const bob = visitor.connect();
  const { tables, close } = await stored.openDatabase();
  t.after(close);
  const say = async (from: number, to: number): Promise<void> => {
    const sent = [];
    for (let number = from; number <= to; number++)
      sent.push(bob.publish('lobby', { text: `message ${number}` }).published);
    await Promise.all(sent);
    await until(async () => {
      const room = await tables.selectFrom('room').select('topSeq').where('id', '=', 'lobby').executeTakeFirst();
      return room!.topSeq >= to;
    });
  };
  await say(1, count);
  await new Visitor(t, server.url).register('Ada');
  return {
    server,
    bob,
    say,
    open: async (browser, options = {}) => {
      const ada = await ChatWindow.open(t, browser, server.url, options);
      await ada.logIn('Ada');
      return ada;
    },
  };
}

/** What a {@link ScrollWatch} has seen. */
export interface Scrolled {
  /** Most message elements at any time. */
  readonly most: number;
  /** The largest move of the first visible message when rows were added or removed, in pixels. */
  readonly movedPx: number;
  /** Numbers of all messages that were in the page. */
  readonly numbers: readonly number[];
  /** Numbers of messages that were in the page twice, or after a newer one. */
  readonly repeated: readonly number[];
}

/**
 * Watches the rows of the open room: after each change of them, how far the first visible message has moved since the last frame.
 * The page must not be scrolled in the same frame by the test.
 */
export async function watchRows(page: Page): Promise<{ read: () => Promise<Scrolled> }> {
  await page.evaluate(() => {
    const log = document.querySelector<HTMLElement>('[role=log]')!;
    const list = log.querySelector('.timeline-items')!;
    const watch = { most: 0, movedPx: 0, numbers: new Set<number>(), repeated: new Set<number>() };
    let held: { row: Element; top: number } | undefined;
    const note = (): void => {
      const rows = [...log.querySelectorAll<HTMLElement>('.message')];
      watch.most = Math.max(watch.most, rows.length);
      let before = 0;
      for (const row of rows) {
        const number = Number(/message (\d+)/.exec(row.querySelector('.bubble')?.textContent ?? '')?.[1] ?? 0);
        if (number === 0) continue;
        watch.numbers.add(number);
        if (number <= before) watch.repeated.add(number);
        before = number;
      }
    };
    const hold = (): void => {
      const { top } = log.getBoundingClientRect();
      const row = [...log.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().bottom > top);
      held = row && { row, top: row.getBoundingClientRect().top };
    };
    log.addEventListener('scroll', hold);
    new MutationObserver(() => {
      note();
      // The page has corrected the position in the same task.
      if (held?.row.isConnected) {
        watch.movedPx = Math.max(watch.movedPx, Math.abs(held.row.getBoundingClientRect().top - held.top));
      }
    }).observe(list, { childList: true });
    note();
    hold();
    Object.assign(window, { watch });
  });
  return {
    read: () =>
      page.evaluate(() => {
        const { watch } = window as unknown as {
          watch: { most: number; movedPx: number; numbers: Set<number>; repeated: Set<number> };
        };
        const { most, movedPx, numbers, repeated } = watch;
        return { most, movedPx, numbers: [...numbers].sort((a, b) => a - b), repeated: [...repeated] };
      }),
  };
}

/** The numbers of the messages in the page, in their order. */
export async function shownNumbers(window: ChatWindow): Promise<number[]> {
  return (await window.texts()).flatMap((text) => {
    const number = /^message (\d+)$/.exec(text)?.[1];
    return number ? [Number(number)] : [];
  });
}

/** Scrolls by a part of the screen and waits for two frames. */
export async function scrollBy(window: ChatWindow, screens: number): Promise<void> {
  await untilWhole(window);
  await window.log.evaluate((log, by) => {
    log.scrollTop += by * log.clientHeight;
  }, screens);
  await untilWhole(window);
}

/** Waits until the log has its height for two frames: a room that opens adds its older rows frame by frame. */
async function untilWhole(window: ChatWindow): Promise<void> {
  await window.log.evaluate(async (log) => {
    for (let height = 0; height !== log.scrollHeight;) {
      height = log.scrollHeight;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
  });
}

/** Asserts that numbers are `from` to `to` without a hole or a repeat. */
export function assertRange(numbers: readonly number[], from: number, to: number): void {
  assert.deepEqual(
    numbers,
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  );
}
