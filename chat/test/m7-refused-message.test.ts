/** M7: a refused message says why, and is sent once again or discarded. */
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M7: shows why a message was refused, and retries it once or discards it', async (t) => {
  const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const ada = await ChatWindow.open(t, browser, server.url);
  // The page does not send text that the server refuses. So a proxy replaces one text by an invalid one.
  let makesInvalid = true;
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    const upstream = socket.connectToServer();
    socket.onMessage((frame) =>
      upstream.send(makesInvalid ? String(frame).replace('"make me invalid"', String.raw`"\u0007"`) : frame),
    );
    upstream.onMessage((frame) => socket.send(frame));
  });
  await ada.register('Ada');
  await ada.say('make me invalid');
  const failed = ada.log.locator('.message--failed');
  await failed.getByText('Not sent. It has characters that cannot be sent.').waitFor();
  await ada.sayAndSee('after it');
  makesInvalid = false;
  await failed.getByRole('button', { name: 'Try again' }).dblclick();
  await failed.waitFor({ state: 'detached' });
  await ada.seeTexts(['after it', 'make me invalid']);
  makesInvalid = true;
  await ada.say('make me invalid');
  await failed.getByRole('button', { name: 'Discard' }).click();
  await failed.waitFor({ state: 'detached' });
  await ada.page.reload();
  await ada.seeTexts(['after it', 'make me invalid']);
});
