/**
 * The page with the rooms, for people who are signed in.
 */
import { authenticated } from 'gale';
import { lastRoomCookie, lobbyId, type Opening } from '../wire.ts';
import { initials, tint } from '../browser/text/initials.ts';
import { storeSession } from '../accounts/signed-in.ts';
import type { PageAssets } from './assets.ts';
import { readOpening } from './opening.ts';
import { PageHandler } from './page-handler.ts';
import { isUnavailable } from '../store/unavailable.ts';

export class HomeHandler extends PageHandler {
  protected override get asset(): PageAssets {
    return this.chat.chatAssets[this.language];
  }

  /** The first start of a chat. */
  override async prepare(): Promise<void> {
    if (this.currentUser || (await this.chat.setup.state()) !== 'fresh') return;
    await this.redirect('/setup', { status: 303 });
  }

  readonly get: () => Promise<void> = authenticated(async function (this: HomeHandler): Promise<void> {
    if (this.currentUser) await storeSession(this, this.currentUser);
    const { id = '', name = '' } = this.currentUser?.person ?? {};
    const opening = await this.#opening();
    await this.render('chat.html', {
      me: { id, name },
      avatar: { initials: initials(name), tint: tint(id) },
      opening: opening && JSON.stringify(opening),
    });
  });

  /** What the page shows before it is connected, of the room that this browser had open last. It can do without. */
  async #opening(): Promise<Opening | undefined> {
    const roomId = this.getCookie(lastRoomCookie) ?? lobbyId;
    if (!this.currentUser || !idPattern.test(roomId)) return undefined;
    try {
      return await readOpening(this.chat, this.currentUser, roomId);
    } catch (error) {
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }
}

/** What the id of a room can be. */
const idPattern = /^[\w-]{1,64}$/;
