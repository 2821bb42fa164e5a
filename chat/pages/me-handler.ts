/**
 * Responds with the person who is signed in, and whether they can open one more window on this server. A page whose socket was
 * refused reads the reason here.
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
