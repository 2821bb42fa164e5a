/**
 * Says who is signed in; for a page whose socket was refused and that has to know why.
 */
import { PageHandler } from './page-handler.ts';

export class MeHandler extends PageHandler {
  get(): void {
    this.write({ person: this.currentUser?.person ?? null });
  }
}
