/** The times on the page after the time zone of the computer changed, and after it slept. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { serveAsProgram } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

interface Traveller {
  readonly page: Page;
  /** When the only message was sent. */
  readonly sentAt: Date;
  /** Changes the time zone of the computer. */
  travel(timeZone: string): Promise<unknown>;
}

/** Opens a room with one message in a window whose clock the test can set. */
async function open(t: TestContext): Promise<Traveller> {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  const { page } = ada;
  await page.clock.install();
  const devtools = await page.context().newCDPSession(page);
  await ada.register('Ada');
  await ada.sayAndSee('here');
  return {
    page,
    sentAt: new Date((await ada.log.locator('.message-time').getAttribute('datetime')) ?? ''),
    travel: (timezoneId) => devtools.send('Emulation.setTimezoneOverride', { timezoneId }),
  };
}

async function seeTime({ page, sentAt }: Traveller, timeZone: string): Promise<void> {
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(sentAt);
  await page.locator('.message-time', { hasText: clock }).waitFor();
  await page.locator('.message-time').hover();
  assert.match((await page.locator('.message-time').getAttribute('title')) ?? '', new RegExp(` at ${clock}:`));
}

/** The time zone in which it is this hour at a time. */
function zoneWithHour(time: Date, hour: number): string {
  const ahead = ((hour - time.getUTCHours() + 36) % 24) - 12;
  // The sign is that of POSIX: Etc/GMT-8 is ahead of UTC.
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

test('times follow the time zone when the person comes back to the window, and soon while they stay', async (t) => {
  const traveller = await open(t);
  const { page, travel } = traveller;
  await travel('Asia/Shanghai');
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await seeTime(traveller, 'Asia/Shanghai');
  await travel('America/New_York');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await seeTime(traveller, 'America/New_York');
  await travel('Asia/Kolkata');
  await page.clock.fastForward(60_000);
  await seeTime(traveller, 'Asia/Kolkata');
});

test('the day of a message follows the time zone and the date', async (t) => {
  const { page, sentAt, travel } = await open(t);
  const seeDay = (name: string): Promise<void> => page.locator('.day-line', { hasText: name }).waitFor();
  const comeBack = (): Promise<unknown> => page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await page.clock.setSystemTime(sentAt.getTime() + 6 * 3_600_000);
  await travel(zoneWithHour(sentAt, 6));
  await comeBack();
  await seeDay('Today');
  await travel(zoneWithHour(sentAt, 21));
  await comeBack();
  await seeDay('Yesterday');
  await travel(zoneWithHour(sentAt, 6));
  await comeBack();
  await seeDay('Today');
  // Timers do not run while the computer sleeps.
  await page.clock.setSystemTime(sentAt.getTime() + 24 * 3_600_000);
  await comeBack();
  await seeDay('Yesterday');
});
