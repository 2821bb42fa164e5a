/** A window of a new chat whose part of the page is loaded late. */
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { serveChat } from './app.ts';
import { ChatWindow } from './chat-window.ts';

const distPath = fileURLToPath(new URL('../../dist', import.meta.url));

/** Opens the lobby. @param file - The file that waits until `release` is called. */
export async function openBeforePart(
  t: TestContext,
  browser: Browser,
  file: RegExp,
): Promise<{ readonly ada: ChatWindow; readonly release: () => void }> {
  const { url } = await serveChat(t, { distPath });
  const ada = await ChatWindow.open(t, browser, url);
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
  await ada.page.route(file, async (route) => {
    await isReleased;
    await route.continue();
  });
  await ada.register('Ada');
  await ada.composer.waitFor();
  return { ada, release };
}
