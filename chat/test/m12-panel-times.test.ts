/** M12: the pages of settings and administration write times as the chat does. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M12: times of administration are in the format of the region, in the time zone of the browser or the chosen one', async (t) => {
  const { url, database } = await serveBuilt(t);
  const at = Date.parse('2026-11-20T13:05:00Z');
  for (const [locale, expected] of [
    ['en-GB', '20 Nov 2026, 22:05'],
    ['en-US', 'Nov 20, 2026, 10:05 PM'],
    ['zh-CN', '2026年11月20日 22:05'],
  ] as const) {
    const ada = await ChatWindow.open(t, browser, url, { locale, timezoneId: 'Asia/Tokyo' });
    await ada.register(`Ada ${locale}`);
    const own = database.tables.updateTable('person').where('name', '=', `Ada ${locale}`);
    await own.set({ role: 'administrator', createdAt: at }).execute();
    const joined = async (): Promise<string | null> => {
      await ada.page.goto(`${url}/admin/people`);
      const row = ada.page.locator('.row', { has: ada.page.getByText(`Ada ${locale}`, { exact: true }) });
      return row.locator(`time[datetime="${new Date(at).toISOString()}"]`).textContent();
    };
    assert.equal(await joined(), expected);
    await own.set({ timeZone: 'Europe/Paris' }).execute();
    assert.equal(await joined(), expected.replace('22:05', '14:05').replace('10:05 PM', '2:05 PM'));
  }
});
