/** Dropped and pasted files are refused in words, wherever they are dropped. Text is left alone. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, CDPSession } from 'playwright-core';
import { startServer, temporaryFolder } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const refusal = 'Files cannot be sent here. Send text, or a link to the file.';

async function openAda(t: TestContext, options: BrowserContextOptions = {}): Promise<ChatWindow> {
  const { url } = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const ada = await ChatWindow.open(t, browser, url, options);
  await ada.register('Ada');
  return ada;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Drops a file, or text, as the operating system does. */
async function drop(devtools: CDPSession, { x, y }: Point, files: readonly string[], text?: string): Promise<void> {
  const items = text === undefined ? [] : [{ mimeType: 'text/plain', data: text }];
  const data = { items, files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x, y, data });
  }
}

test('a dropped file is refused on the messages, the field, the list and a dialog, and the chat stays open', async (t) => {
  const ada = await openAda(t);
  const { page } = ada;
  const path = join(await temporaryFolder(t), 'picture.html');
  await writeFile(path, '<h1>dropped</h1>');
  const devtools = await page.context().newCDPSession(page);
  const alert = page.getByRole('alert').getByText(refusal);
  const url = page.url();
  await ada.composer.fill('half a thought');
  const boxOf = async (selector: string): Promise<Point> => {
    const box = await page.locator(selector).boundingBox();
    assert.ok(box);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  for (const selector of ['.timeline-viewport', '#composer', '.rooms', '.people']) {
    await drop(devtools, await boxOf(selector), [path]);
    await alert.waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
    await alert.waitFor({ state: 'detached' });
  }
  await page.getByRole('button', { name: 'New room' }).click();
  await drop(devtools, await boxOf('dialog[open] input[autofocus]'), [path]);
  await alert.waitFor();
  assert.equal(page.url(), url);
  assert.equal(await ada.composer.inputValue(), 'half a thought');
});

test('the refusal goes away with Esc, and when another room is opened', async (t) => {
  const ada = await openAda(t);
  const { page } = ada;
  const path = join(await temporaryFolder(t), 'picture.html');
  await writeFile(path, '<h1>dropped</h1>');
  const devtools = await page.context().newCDPSession(page);
  const alert = page.getByRole('alert').getByText(refusal);
  await drop(devtools, { x: 600, y: 300 }, [path]);
  await alert.waitFor();
  await page.keyboard.press('Escape');
  await alert.waitFor({ state: 'detached' });
  await page.keyboard.type('typed after Esc');
  assert.equal(await ada.composer.inputValue(), 'typed after Esc');

  await page.getByRole('button', { name: 'New room' }).click();
  await drop(devtools, { x: 600, y: 300 }, [path]);
  await alert.waitFor();
  // The first Esc closes the dialog.
  await page.keyboard.press('Escape');
  await page.getByLabel('Name of the room').waitFor({ state: 'hidden' });
  await alert.waitFor();
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Tea');
  await drop(devtools, { x: 600, y: 300 }, [path]);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await alert.waitFor({ state: 'detached' });
});

test('dropped text goes to the field', async (t) => {
  const ada = await openAda(t);
  const devtools = await ada.page.context().newCDPSession(ada.page);
  const box = await ada.composer.boundingBox();
  assert.ok(box);
  await drop(devtools, { x: box.x + 20, y: box.y + box.height / 2 }, [], 'dragged words');
  await ada.page.waitForFunction(() => document.querySelector('textarea')?.value === 'dragged words');
  assert.equal(await ada.page.getByRole('alert').count(), 0);
});

test('a pasted picture is refused until the person types; a cell of a spreadsheet is pasted as text', async (t) => {
  const ada = await openAda(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = ada;
  const copy = (withText: boolean): Promise<void> =>
    page.evaluate(async (hasText) => {
      const canvas = new OffscreenCanvas(2, 2);
      canvas.getContext('2d')?.fillRect(0, 0, 2, 2);
      const picture = await canvas.convertToBlob({ type: 'image/png' });
      const text = new Blob(['4,321'], { type: 'text/plain' });
      await navigator.clipboard.write([
        new ClipboardItem(hasText ? { 'image/png': picture, 'text/plain': text } : { 'image/png': picture }),
      ]);
    }, withText);
  const alert = page.getByRole('alert').getByText(refusal);
  await copy(false);
  await ada.composer.press('Control+V');
  await alert.waitFor();
  await page.keyboard.type('words');
  await alert.waitFor({ state: 'detached' });
  await copy(true);
  await ada.composer.press('Control+V');
  await page.waitForFunction(() => document.querySelector('textarea')?.value === 'words4,321');
  assert.equal(await page.getByRole('alert').count(), 0);
});
