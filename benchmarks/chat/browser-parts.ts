/** What a person in a browser waits for: Chromium on this machine, with the chat on the first core. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { lobbyId } from '../../chat/wire.ts';
import { ChatConnection, windowSetting } from './chat-connection.ts';
import { SeededFolder } from './chat-server.ts';
import { streamCount } from './opening-load.ts';
import type { Part } from './parts.ts';
import { tokenOf } from './seed.ts';
import { quantileOf, type Values } from './target.ts';
import { textAt } from './texts.ts';
import { scriptTasks, type TraceEvent } from './trace-tasks.ts';

/** How much slower the CPU of the browser is made. */
const throttle = 4;
/** Windows with an empty cache in one round. */
const windows = 5;
/** Messages that are scrolled through. */
const scrolled = 10_000;
/** Longest time of scrolling in one round, in milliseconds. */
const scrollMs = 120_000;
/** Pixels of one turn of the wheel: a screen. */
const wheelPx = 700;

/** The parts with a browser. */
export function browserParts(): Part[] {
  return [firstMessagePart(), scrollingPart()];
}

function firstMessagePart(): Part {
  const folder = new SeededFolder({ people: 10, rooms: 0, membersOf: () => [], messages: new Map([[lobbyId, 1000]]) });
  return {
    name: 'first-message',
    title: `from the navigation to the first visible message, empty cache, ${throttle} × CPU throttle`,
    figures: [
      { value: 'p50', title: 'ms', digits: 0, goal: 1000 },
      { value: 'max', title: 'longest ms', digits: 0 },
    ],
    measure: (profile) =>
      withWindow(folder, profile, async (browser, url, port) => {
        await fillStream(port);
        const times: number[] = [];
        // The first window warms the server and the files of the browser.
        for (let number = 0; number <= windows; number += 1) {
          const took = await firstMessageMs(browser, url, number);
          if (number > 0) times.push(took);
        }
        return { p50: quantileOf(times, 0.5), max: quantileOf(times, 1) };
      }),
    close: () => folder.remove(),
  };
}

/** Milliseconds from the navigation until the frame after the first message was added. */
async function firstMessageMs(browser: Browser, url: string, person: number): Promise<number> {
  const page = await openPage(browser, url, person);
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('[role=log] .message') === null) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        setTimeout(() => document.documentElement.setAttribute('data-first-message', String(performance.now())));
      });
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.goto(url);
  const root = page.locator('html[data-first-message]');
  const took = Number(await root.getAttribute('data-first-message', { timeout: 30_000 }));
  await page.context().close();
  return took;
}

function scrollingPart(): Part {
  const messages = new Map([[lobbyId, scrolled - streamCount]]);
  const folder = new SeededFolder({ people: 200, rooms: 0, membersOf: () => [], messages });
  return {
    name: 'scrolling',
    title: `scrolling through ${scrolled.toLocaleString('en')} messages, from the newest to the oldest, in a trace`,
    figures: [
      { value: 'over', title: "tasks with the page's script over 50 ms", digits: 0, goal: 0 },
      { value: 'longest', title: "longest task with the page's script, ms", digits: 1 },
      { value: 'longestScript', title: 'longest script in one task, ms', digits: 1 },
      { value: 'tasks', title: 'tasks with script', digits: 0 },
      { value: 'reached', title: 'oldest message that was reached', digits: 0 },
    ],
    measure: (profile) => withWindow(folder, profile, measureScrolling),
    close: () => folder.remove(),
  };
}

async function measureScrolling(browser: Browser, url: string, port: number): Promise<Values> {
  await fillStream(port);
  const page = await openPage(browser, url, 0);
  await page.goto(url);
  await page.locator('[role=log] .message').first().waitFor();
  await page.locator('[role=log]').hover();
  const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8.execute', 'toplevel'];
  await browser.startTracing(page, { categories });
  const until = performance.now() + scrollMs;
  let oldest = Infinity;
  while (oldest > 1 && performance.now() < until) {
    await page.mouse.wheel(0, -wheelPx);
    oldest = await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const row = document.querySelector('[role=log] .message[data-seq], [role=log] [data-seq]');
      return Number(row?.getAttribute('data-seq') ?? Infinity);
    });
  }
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { readonly traceEvents: TraceEvent[] };
  await page.context().close();
  const tasks = scriptTasks(trace.traceEvents);
  return {
    over: tasks.filter(({ ms }) => ms > 50).length,
    longest: Math.max(0, ...tasks.map(({ ms }) => ms)),
    longestScript: Math.max(0, ...tasks.map(({ scriptMs }) => scriptMs)),
    tasks: tasks.length,
    reached: oldest,
  };
}

/** Publishes the newest messages, as a room in use has them: its stream is full, and the rest is in the table. */
async function fillStream(port: number): Promise<void> {
  const window = new ChatConnection(windowSetting({ port, onFailure: rethrow, onMessage() {} }), 1);
  await window.open();
  for (let number = 0; number < streamCount; number += 1) {
    await window.call('publish', { room: lobbyId, id: `m${number}`, data: { text: textAt(number) } });
  }
  window.reset();
}

function rethrow(error: Error): never {
  throw error;
}

async function openPage(browser: Browser, url: string, person: number): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
  await context.addCookies([{ name: 'session', value: tokenOf(person), url }]);
  return context.newPage();
}

async function withWindow(
  folder: SeededFolder,
  profile: string,
  run: (browser: Browser, url: string, port: number) => Promise<Values>,
): Promise<Values> {
  const server = await folder.start({ manyCommands: true, profile });
  try {
    const browser = await launchChromium();
    try {
      return await run(browser, `http://localhost:${server.port}/`, server.port);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}
