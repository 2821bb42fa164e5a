/** The screens of the pictures: how to reach each one. */
import type { Page } from 'playwright-core';
import { SocketProxy } from '../support/socket-proxy.ts';

/** A window with a signed-in person. */
export interface Scene {
  readonly page: Page;
  readonly url: string;
  readonly isNarrow: boolean;
  /** Opens the lobby, or a room by its index. */
  readonly openRoom: (index: number | 'lobby') => Promise<void>;
  /** Opens a room that the person is not in. */
  readonly openOther: () => Promise<void>;
}

/** How to reach each screen, by the name of its picture. */
export const screens: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  login: ({ page, url }) => openForm(page, `${url}/login`),
  'login-wrong': async ({ page, url }) => {
    await openForm(page, `${url}/login`);
    await page.locator('input[name=name]').fill('nobody of this name');
    await page.locator('input[name=password]').fill('wrong password');
    await page.locator('form[method=post] button[type=submit]').first().click();
    await page.locator('.form-errors, .field-error').first().waitFor();
  },
  register: ({ page, url }) => openForm(page, `${url}/register`),
  error: async ({ page, url }) => {
    await page.goto(`${url}/there-is-nothing`);
  },
  list: async ({ page, url, isNarrow }) => {
    await page.goto(`${url}/#/`);
    await page.locator('.room-link').first().waitFor();
    if (isNarrow) await page.locator('.room-link-line').nth(5).waitFor();
  },
  loading: async ({ page, url, isNarrow }) => {
    await page.routeWebSocket(/socket/, () => {});
    await page.goto(isNarrow ? url : `${url}/#/rooms/lobby`);
    await page.locator('.shell:not([aria-busy])').waitFor();
  },
  lobby: async ({ openRoom }) => openRoom('lobby'),
  code: async ({ page, openRoom }) => {
    await openRoom(0);
    await page.locator('.code-keyword').first().waitFor();
  },
  unread: async ({ openRoom }) => openRoom(1),
  folded: async ({ page, openRoom }) => {
    await openRoom(2);
    await page.locator('.fold-button').waitFor();
  },
  empty: async ({ openRoom }) => openRoom(-1),
  people: async ({ page, openRoom }) => {
    await openRoom('lobby');
    await showPeople(page);
  },
  'people-search': async ({ page, openRoom }) => {
    await openRoom('lobby');
    await showPeople(page);
    await page.locator('.people input').fill('nobody');
  },
  outside: async ({ openOther }) => openOther(),
  unknown: async ({ page, url }) => {
    await page.goto(`${url}/#/rooms/nothing`);
    await page.locator('.empty').waitFor();
  },
  'new-room': async ({ page, url }) => {
    await page.goto(`${url}/#/`);
    await page.locator('.room-link').first().waitFor();
    await page.locator('.side .list-head button').first().click();
    await page.locator('dialog[open]').waitFor();
  },
  menu: async ({ page, url }) => {
    await page.goto(`${url}/#/`);
    await page.locator('.room-link').first().waitFor();
    await page.locator('.user-menu .disclosure-button').click();
  },
  failed: async ({ page, url, openRoom }) => {
    await failMessages(page);
    await page.goto(url);
    await openRoom('lobby');
    for (const text of ['one', 'two', 'three']) {
      await page.locator('#composer').fill(`refuse ${text}`);
      await page.locator('.composer-send').click();
    }
    await page.locator('.message--failed').nth(2).waitFor();
  },
  offline: async ({ page, openRoom }) => {
    const proxy = await SocketProxy.open(page);
    await openRoom('lobby');
    proxy.cut();
    await page.locator('#composer').fill('…');
    await page.locator('.composer-send').click();
    await page.locator('.banner').waitFor();
  },
};

async function openForm(page: Page, url: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(url);
}

async function showPeople(page: Page): Promise<void> {
  if (await page.locator('.people').isHidden()) await page.locator('.here-count').click();
  await page.locator('.people-row').first().waitFor();
}

/** The server refuses every message of the page: its text becomes empty on the way. */
async function failMessages(page: Page): Promise<void> {
  await page.routeWebSocket(/\/socket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(String(frame).replace(/"text":"refuse [^"]*"/g, '"text":""')));
  });
}
