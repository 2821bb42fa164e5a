/** The dialogs of the rooms. The page loads this file at the first input of the person; see view/dialogs.tsx. */
import type { JSX } from 'preact';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import type { OpenDialog } from '../state/dialog-state.ts';
import { AddPeople } from './add-people.tsx';
import { DirectoryDialog } from './directory.tsx';
import { NewDirect } from './new-direct.tsx';
import { NewRoom } from './new-room.tsx';
import { PersonCard } from './person-card.tsx';
import { RoomDetails } from './room-details.tsx';
import { Shortcuts } from './shortcuts.tsx';
import '../styles/fields.css';
import '../styles/switcher.css';
import '../styles/dialog-form.css';
import '../styles/dialogs.css';

export { SwitcherList } from '../view/switcher-list.tsx';

/** What every dialog gets. */
export interface DialogProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** Renders a dialog. */
export function RoomDialog({ dialog, ...props }: DialogProps & { readonly dialog: OpenDialog }): JSX.Element | null {
  switch (dialog.kind) {
    case 'new-room':
      return <NewRoom {...props} />;
    case 'new-direct':
      return <NewDirect {...props} />;
    case 'directory':
      return <DirectoryDialog {...props} />;
    case 'details':
      return <RoomDetails {...props} roomId={dialog.room} />;
    case 'add-people':
      return <AddPeople {...props} roomId={dialog.room} />;
    case 'person':
      return <PersonCard {...props} roomId={dialog.room} person={dialog.person} />;
    case 'shortcuts':
      return <Shortcuts {...props} />;
    case 'log-out':
    case 'switcher':
      return null;
  }
}
