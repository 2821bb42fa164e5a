/**
 * The common part of the pages of administration. Each request checks the role, before anything else: for others there are no such pages.
 */
import { HttpError } from 'gale';
import type { SignedIn } from '../accounts/signed-in.ts';
import { PanelHandler } from './panel-handler.ts';

/** A verb of a page. */
export type Verb = () => Promise<void>;

export class AdminHandler extends PanelHandler {
  /** A visitor who is not signed in is sent to the page for that by `authenticated`. */
  override prepare(): void {
    if (this.currentUser && this.currentUser.role !== 'administrator') throw new HttpError(404);
  }

  /** @throws {@link HttpError} 404 for others. */
  protected administrator(): SignedIn {
    if (this.currentUser?.role !== 'administrator') throw new HttpError(404);
    return this.currentUser;
  }

  /** Where people reach the chat: the public origin, else the address of this request. */
  protected get origin(): string {
    return this.chat.origin ?? `${this.request.protocol}://${this.request.host}`;
  }

  /** Opens the page again, with a line that says what was done. */
  protected done(notice: string, fragment = ''): Promise<void> {
    const query = new URLSearchParams({ done: notice });
    const search = this.getArgument('q', '').slice(0, maxSearchUnits);
    if (search !== '') query.set('q', search);
    return this.redirect(`${this.request.path}?${query}${fragment === '' ? '' : `#${fragment}`}`, { status: 303 });
  }
}

/** Most UTF-16 units of a search. The name of a room or person is shorter. */
export const maxSearchUnits = 100;
