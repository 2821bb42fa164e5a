/** The screens of the pictures: how to reach each one. */
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import type { ChatDatabase } from '../../database/database.ts';
import { SocketProxy } from '../support/socket-proxy.ts';

/** A window with a signed-in person. */
export interface Scene {
  readonly page: Page;
  readonly url: string;
  /** A chat without people. */
  readonly emptyUrl: string;
  readonly database: ChatDatabase;
  /** The file of the messages that are live. */
  readonly talkPath: string;
  readonly invitePath: string;
  readonly isNarrow: boolean;
  /** Stores an unsent text of a room, by its index or its id. */
  readonly draft: (room: number | string, text: string) => Promise<void>;
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
  setup: ({ page, emptyUrl }) => openForm(page, `${emptyUrl}/setup`),
  invite: ({ page, url, invitePath }) => openForm(page, url + invitePath),
  'invite-ended': ({ page, url }) => openForm(page, `${url}/invite/unknown`),
  'invite-code': async ({ page, url }) => {
    await page.goto(`${url}/admin/invites`);
    await page.locator('.qr summary').first().click();
    await page.locator('.qr-image').first().scrollIntoViewIfNeeded();
  },
  'link-made': async ({ page, url }) => void (await makeSignInLink(page, url)),
  'sign-in-link': async ({ page, url }) => openForm(page, await makeSignInLink(page, url)),
  settings: async ({ page, url }) => void (await page.goto(`${url}/settings`)),
  'admin-people': async ({ page, url }) => void (await page.goto(`${url}/admin/people`)),
  'admin-invites': async ({ page, url }) => void (await page.goto(`${url}/admin/invites`)),
  'admin-audit': async ({ page, url }) => void (await page.goto(`${url}/admin/audit`)),
  'admin-rooms': async ({ page, url }) => {
    await page.goto(`${url}/admin/rooms`);
    await page.locator('summary').nth(1).click();
  },
  'admin-person': async ({ page, url }) => {
    await page.goto(`${url}/admin/people`);
    await page.locator('summary').nth(1).click();
  },
  sessions: async ({ page, url }) => {
    await page.goto(`${url}/settings`);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  },
  error: async ({ page, url }) => {
    await page.goto(`${url}/there-is-nothing`);
  },
  'error-forbidden': async ({ page, url }) => {
    await page.goto(`${url}/there-is-nothing`);
    await page.evaluate(() => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: '/settings' });
      document.body.append(form);
      form.submit();
    });
    await page.waitForURL(/settings/);
  },
  'error-server': async ({ page, url, database }) => {
    await database.tables.schema.alterTable('audit').renameTo('audit_away').execute();
    await page.goto(`${url}/admin/audit`);
    await database.tables.schema.alterTable('audit_away').renameTo('audit').execute();
  },
  list: async ({ page, url, isNarrow, draft }) => {
    await draft(9, '…');
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
  archived: async ({ openRoom }) => openRoom(13),
  direct: async ({ openRoom }) => openRoom(14),
  group: async ({ openRoom }) => openRoom(16),
  note: async ({ openRoom }) => openRoom(17),
  removed: async ({ page, url, draft }) => {
    await draft('nothing', 'Not sent yet');
    await page.goto(`${url}/#/rooms/nothing`);
    await page.locator('.unsent').waitFor();
  },
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
  directory: async ({ page, url }) => {
    await openList(page, url);
    await page.locator('.side .list-head button').nth(0).click();
    await page.locator('.listed-room').nth(5).waitFor();
  },
  'new-room': async ({ page, url }) => {
    await openList(page, url);
    await page.locator('.side .list-head button').nth(1).click();
    await page.locator('dialog[open]').waitFor();
  },
  'new-direct': async ({ page, url }) => {
    await openList(page, url);
    await page.locator('.side .list-head button').nth(2).click();
    await page.locator('dialog[open] [role=option]').nth(2).waitFor();
  },
  switcher: async ({ page, url }) => {
    await openList(page, url);
    await page.keyboard.press('Control+k');
    await page.locator('.switcher-option').first().waitFor();
  },
  filter: async ({ page, url }) => {
    await openList(page, url);
    await page.locator('.rooms-tools input').fill('zzz');
  },
  mentions: async ({ page, url }) => {
    await openList(page, url);
    await page.locator('.mentions-button').click();
    await page.locator('.mention-entries li').first().waitFor();
  },
  pins: async ({ page, openRoom }) => {
    await openRoom('lobby');
    await page.locator('.room-head button[aria-haspopup=dialog]').first().click();
    await page.locator('.pin').first().waitFor();
  },
  'pins-none': async ({ page, openRoom }) => {
    await openRoom(-1);
    await page.locator('.room-head button[aria-haspopup=dialog]').first().click();
    await page.locator('.pins-words strong').waitFor();
  },
  toolbar: async ({ page, openRoom, isNarrow }) => {
    await openRoom('lobby');
    await showActions(page, isNarrow);
  },
  'message-menu': async ({ page, openRoom, isNarrow }) => {
    await openRoom('lobby');
    await showActions(page, isNarrow);
    if (!isNarrow) await page.locator('.message-tools .tool').last().click();
    await page.locator('[role=dialog], dialog[open]').first().waitFor();
  },
  reactions: async ({ page, openRoom, isNarrow }) => {
    await openRoom('lobby');
    await showActions(page, isNarrow);
    if (isNarrow) await page.locator('dialog[open] .menu-item').first().click();
    else await page.locator('.message-tools .tool').nth(3).click();
    await page.locator('.popup--picker, .emoji-field').first().waitFor();
  },
  edit: async ({ page, openRoom }) => {
    await openRoom(0);
    await page.locator('#composer').press('ArrowUp');
    await page.locator('.intent').waitFor();
  },
  everybody: async ({ page, openRoom }) => {
    await openRoom('lobby');
    await page.locator('#composer').fill('@all hello');
    await page.locator('.composer-send').click();
    await page.locator('.ask-everybody').waitFor();
  },
  delete: async ({ page, openRoom, isNarrow }) => {
    await openRoom('lobby');
    await showActions(page, isNarrow);
    if (!isNarrow) await page.locator('.message-tools .tool').last().click();
    await page.locator('.menu-item--danger').last().click();
    await page.locator('dialog.dialog[open]').waitFor();
  },
  'room-menu': async ({ page, openRoom }) => {
    await openRoom(0);
    await page.locator('.room-menu .disclosure-button').click();
  },
  'add-people': async ({ page, openRoom }) => {
    await openRoom(0);
    await page.locator('.room-menu .disclosure-button').click();
    await page.locator('.room-menu .menu-item').nth(1).click();
    await page.locator('dialog[open]').waitFor();
  },
  details: async ({ page, openRoom }) => {
    await openRoom(0);
    await page.locator('.room-menu .disclosure-button').click();
    await page.locator('.room-menu .menu-item').first().click();
    await page.locator('dialog[open]').waitFor();
  },
  person: async ({ page, openRoom }) => {
    await openRoom('lobby');
    await showPeople(page);
    await page.locator('.people-row').nth(3).click();
    await page.locator('dialog[open]').waitFor();
  },
  reply: async ({ page, openRoom, isNarrow }) => {
    await openRoom('lobby');
    await showActions(page, isNarrow);
    if (isNarrow) await page.locator('[role=dialog] button, dialog[open] button').nth(7).click();
    else await page.locator('.message-tools .tool').nth(4).click();
    await page.locator('#composer').fill('@');
    await page.locator('[role=option]').first().waitFor();
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
  unsaved: async ({ page, openRoom, talkPath }) => {
    await openRoom(17);
    // Another program that writes for long: nothing is stored, everything can be read.
    using file = new DatabaseSync(talkPath);
    file.exec('BEGIN IMMEDIATE');
    await page.locator('#composer').fill('…');
    await page.locator('.composer-send').click();
    await page.locator('.banner').waitFor();
    file.exec('ROLLBACK');
  },
};

async function openForm(page: Page, url: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(url);
}

/** Makes a one-time link for a person of the page of people, which then shows it. @returns Its address. */
async function makeSignInLink(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/admin/people`);
  await page.locator('summary').nth(1).click();
  await page.locator('form:has(input[value=link]) button').filter({ visible: true }).first().click();
  return page.locator('#sign-in-link').inputValue();
}

async function openList(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/`);
  await page.locator('.room-link').nth(5).waitFor();
}

/** The toolbar of a message, or on a phone its menu. */
async function showActions(page: Page, isNarrow: boolean): Promise<void> {
  const message = page.locator('.message--other:not(.message--deleted)').nth(-2);
  if (!isNarrow) {
    await message.locator('.bubble').hover();
    await page.locator('.message-tools').first().waitFor();
    return;
  }
  const box = (await message.locator('.bubble').boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + 30, y: box.y + box.height / 2 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.locator('[role=dialog], dialog[open]').first().waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
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
