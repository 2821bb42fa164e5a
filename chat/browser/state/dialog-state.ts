/** Which dialog of the rooms is open. */
import type { Person } from 'gale/client';
import { Store } from './store.ts';

/** A dialog, and what it is about. */
export type OpenDialog =
  | { readonly kind: 'switcher' | 'new-room' | 'new-direct' | 'directory' | 'log-out' | 'shortcuts' }
  | { readonly kind: 'details' | 'add-people'; readonly room: string }
  /** A person, as a member of a room. */
  | { readonly kind: 'person'; readonly room: string; readonly person: Person };

/** At most one dialog is open. */
export class DialogState {
  readonly store: Store<OpenDialog | undefined> = new Store<OpenDialog | undefined>(undefined);

  open(dialog: OpenDialog): void {
    this.store.update(() => dialog);
  }

  /** Closes the open dialog; with an argument only if it is that one. */
  close(dialog?: OpenDialog): void {
    this.store.update((open) => (dialog === undefined || open === dialog ? undefined : open));
  }
}
