/**
 * `/rooms/ID`: a link to a room that other programs can check. It leads to the page with the room; to the form for signing in; or
 * nowhere, with 404, for a room that does not exist or that this person may not know of.
 */
import { HttpError } from 'gale';
import { PageHandler } from '../pages/page-handler.ts';

export class RoomLinkHandler extends PageHandler {
  async get({ room = '' }: { readonly room?: string } = {}): Promise<void> {
    const address = `#/rooms/${encodeURIComponent(room)}`;
    const person = this.currentUser?.person;
    if (!person) return this.redirect(`/login${address}`);
    if (!(await this.chat.directory.isVisible(room, person.id))) throw new HttpError(404);
    return this.redirect(`/${address}`);
  }
}
