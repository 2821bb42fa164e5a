/** The parts of the page that late-part.ts loads. */
import '../styles/chinese.css';
import '../styles/code-colors.css';
import '../styles/late.css';
import '../styles/dialog-form.css';
import '../styles/menus.css';

export { AskEverybody } from './ask-everybody.tsx';
export { Background } from './background.tsx';
export { copySelected } from './copy-selected.ts';
export { editLast } from './edit-last.ts';
export { EmptySteps } from './empty-steps.tsx';
export { FieldHelp } from './field-help.tsx';
export { IntentBar } from './intent-bar.tsx';
export { LogOut } from './log-out.tsx';
export { MentionList } from './mention-list.tsx';
export { NotJoined } from './not-joined.tsx';
export { offerUndo } from '../session/mark-read.ts';
export { NoticeBar } from './notice-bar.tsx';
export { RemovedRoom } from './removed-room.tsx';
export { RoomMenuItems } from './room-menu-items.tsx';
export { UserMenuItems } from './user-menu-items.tsx';
