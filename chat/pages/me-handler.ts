/**
 * Says who is signed in, and whether they may open one more window on this server; for a page whose socket was refused and that has to
 * know why.
 */
import type { MeResponse } from '../wire.ts';
import { PageHandler } from './page-handler.ts';

export class MeHandler extends PageHandler {
  get(): void {
    const person = this.currentUser?.person ?? null;
    const isFull = person !== null && !this.chat.rooms.limits.hasSocketLeft(person.id);
    this.write({ person, ...(isFull ? { tooManyWindows: true } : {}) } satisfies MeResponse);
  }
}
