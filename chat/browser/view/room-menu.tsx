/** The menu of the open room. Its entries are a late part. */
import type { JSX } from 'preact';
import type { Chat } from '../session/chat.ts';
import type { RoomState } from '../state/room-state.ts';
import { Disclosure } from './disclosure.tsx';
import { Icon } from './icon.tsx';
import { LateItems } from './late-items.tsx';
import { useWords } from './words.ts';

/** Renders the button and the menu. */
export function RoomMenu(props: { chat: Chat; room: RoomState; isGuest: boolean }): JSX.Element {
  const { t } = useWords();
  return (
    <Disclosure class="room-menu" label={t('roomMenu')} summary={<Icon name="more" />}>
      {(close) => <LateItems>{({ RoomMenuItems }) => <RoomMenuItems {...props} close={close} />}</LateItems>}
    </Disclosure>
  );
}
