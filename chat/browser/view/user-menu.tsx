/** The menu of the person, under the name. Its entries are a late part. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { Avatar } from './avatar.tsx';
import { Disclosure } from './disclosure.tsx';
import { Icon } from './icon.tsx';
import { LateItems } from './late-items.tsx';
import { PeopleContext } from './mention.tsx';
import { useWords } from './words.ts';

/** Renders the menu. */
export function UserMenu({ chat, me }: { chat: Chat; me: Person }): JSX.Element {
  const { t } = useWords();
  const known = useContext(PeopleContext).find(me.id);
  const name = known?.name || me.name;
  const isAdministrator = known?.role === 'administrator';
  return (
    <Disclosure
      class="user-menu"
      label={t('yourMenu', { name })}
      summary={
        <>
          <Avatar person={me} isSmall />
          <span class="user-name" dir="auto">
            {name}
          </span>
          <Icon name="more" />
        </>
      }
    >
      {(close) => (
        <LateItems>
          {({ UserMenuItems }) => <UserMenuItems chat={chat} isAdministrator={isAdministrator} close={close} />}
        </LateItems>
      )}
    </Disclosure>
  );
}
