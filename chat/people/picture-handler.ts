/**
 * Serves the pictures of people to people who are signed in. The address contains the hash of the picture, so browsers may keep it.
 */
import { HttpError } from 'gale';
import { PageHandler } from '../pages/page-handler.ts';

export class PictureFileHandler extends PageHandler {
  async get({ id, hash }: { readonly id: string; readonly hash: string }): Promise<void> {
    if (!this.currentUser) throw new HttpError(404);
    const picture = await this.chat.people.picture(id, hash);
    if (picture === undefined) throw new HttpError(404);
    this.setHeader('Content-Type', picture.type);
    this.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
    // It is an image only: a file that a browser opens alone runs nothing.
    this.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
    this.write(picture.bytes);
  }
}
