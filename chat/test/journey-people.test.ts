/** The people in a room: all names in a small room; in a big room their number, and the names page by page. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { textsOf } from './support/texts-of.ts';

const browser = await launchChromium();
after(() => browser.close());

test('a big room shows the number of people and names by page; a small room shows all names and notices', async (t) => {
  const rooms = { presenceGraceMs: 0, presenceBatchMs: 10, presenceNamesMax: 20 };
  const { broker, url } = await serveBuilt(t, { rooms });
  const crowd = Array.from({ length: 249 }, (_, index) => {
    const id = `p${String(index).padStart(3, '0')}`;
    return { room: 'lobby', person: { id, name: `Guest ${index}` }, connection: `tab of ${id}` };
  });
  for (const lease of crowd) await broker.presence.enter(lease, 600_000);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.seePeople(250);
  const panel = ada.page.getByRole('complementary', { name: 'People here' });
  const names = panel.locator('.people-list:not(.people-list--away) .people-row');
  await panel.getByText('250 here').waitFor();
  const more = panel.getByRole('button', { name: 'Show more' });
  await more.click();
  await names.nth(199).waitFor();
  await more.click();
  await names.nth(249).waitFor();
  await more.waitFor({ state: 'detached' });
  const shown = await textsOf(panel, '.people-list:not(.people-list--away) .people-name');
  assert.deepEqual(shown.toSorted(), [...crowd.map(({ person }) => person.name), 'Ada'].toSorted());
  assert.equal(await panel.locator('.people-list:not(.people-list--away)').getByText('You').count(), 1);
  assert.equal(await ada.log.locator('.notice-line').count(), 0);

  const leave = async (leases: typeof crowd): Promise<void> => {
    for (const lease of leases) {
      if (await broker.presence.leave(lease)) {
        await broker.signal('lobby', { presence: 'leave', person: lease.person });
      }
    }
  };
  await leave(crowd.slice(0, 235));
  await ada.seePeople(15);
  await panel.getByText('15 here').waitFor({ state: 'detached' });
  assert.deepEqual((await textsOf(panel, '.people-name')).slice(0, 2), ['Ada', 'Guest 235']);
  await leave(crowd.slice(235, 240));
  await ada.log.getByText('Guest 235, Guest 236, Guest 237, and 2 others left').waitFor();
});

test('the notice of a room that becomes big counts everybody who came', async (t) => {
  const rooms = { presenceGraceMs: 0, presenceBatchMs: 10, presenceNamesMax: 20 };
  const { broker, url } = await serveBuilt(t, { rooms });
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.seePeople(1);
  for (let number = 0; number < 60; number++) {
    const person = { id: `p${number}`, name: `Guest ${number}` };
    await broker.presence.enter({ room: 'lobby', person, connection: `tab ${number}` }, 600_000);
    await broker.signal('lobby', { presence: 'enter', person });
  }
  await ada.seePeople(61);
  // The batches may have names before the room is big.
  await ada.log.getByText(/^(60 people|Guest 0, Guest 1, Guest 2, and 57 others) came in$/).waitFor();
  assert.equal(await ada.log.locator('.notice-line').count(), 1);
});

test('the members who are not here follow those who register, delete their account or are deactivated', async (t) => {
  const { url, person, database } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const panel = ada.page.getByRole('complementary', { name: 'People here' });
  const away = panel.locator('.people-list--away .people-name');
  await panel.locator('.people-name', { hasText: 'Ada' }).waitFor();
  const bob = await person('Bob');
  await away.filter({ hasText: 'Bob' }).waitFor();
  const cy = await person('Cy');
  await away.filter({ hasText: 'Cy' }).waitFor();
  assert.equal((await cy.submit('/settings/delete', { current: password }, '/settings')).status, 303);
  await away.nth(1).waitFor({ state: 'detached' });
  assert.deepEqual(await away.allInnerTexts(), ['Bob']);

  const root = await person('Root');
  await database.tables.updateTable('person').set({ role: 'administrator' }).where('name', '=', 'Root').execute();
  await away.filter({ hasText: 'Root' }).waitFor();
  const { person: me } = (await (await bob.get('/me')).json()) as { person: { id: string } };
  assert.equal((await root.submit('/admin/people', { action: 'deactivate', id: me.id })).status, 303);
  await away.filter({ hasText: 'Bob' }).waitFor({ state: 'detached' });
  assert.equal((await root.submit('/admin/people', { action: 'reactivate', id: me.id })).status, 303);
  await away.filter({ hasText: 'Bob' }).waitFor();
});
