/** A private room is left after a question, since only a member can undo it; a public one at once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

test('leaving a private room asks first, and the answer can be no; a public room is left at once', async (t) => {
  const { url, person } = await serveBuilt(t);
  const owner = await RawSocket.open(await person('Ada'));
  const bob = await ChatWindow.open(t, browser, url);
  await bob.register('Bob');
  const { page } = bob;
  const me = await page.evaluate(async () => {
    const { person: found } = (await (await fetch('/me')).json()) as { person: { id: string } };
    return found.id;
  });
  const make = async (kind: string): Promise<string> =>
    ((await owner.do('make-room', { name: `A ${kind} room`, kind, people: [me] }))['room'] as Frame)['id'] as string;
  const [room] = [await make('private'), await make('public')];
  const openMenu = async (name: string): Promise<void> => {
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('button', { name: 'More about this room' }).click();
  };
  const leave = page.getByRole('button', { name: 'Leave', exact: true });
  const members = async (): Promise<unknown> => (await owner.do('members', { room }))['count'];

  await openMenu('A private room');
  await page.getByRole('button', { name: 'Leave room' }).click();
  await page.getByText('only a member can add you again').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Enter');
  await leave.waitFor({ state: 'detached' });
  assert.equal(await members(), 2);
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('button', { name: 'Leave room' }).click();
  await leave.click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  assert.equal(await members(), 1);

  await openMenu('A public room');
  await page.getByRole('button', { name: 'Leave room' }).click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
});
