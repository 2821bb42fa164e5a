/**
 * The page with the rooms, for people who are signed in.
 */
import { authenticated } from 'gale';
import { initials, tint } from '../browser/text/initials.ts';
import { storeSession } from '../accounts/signed-in.ts';
import type { PageAssets } from './assets.ts';
import { PageHandler } from './page-handler.ts';

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
    await this.render('chat.html', { me: { id, name }, avatar: { initials: initials(name), tint: tint(id) } });
  });
}
