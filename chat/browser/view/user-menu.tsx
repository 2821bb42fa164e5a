/** The menu of the person: the name, the languages, and log-out. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Person } from 'gale/client';
import { languageNames, type Language } from '../../locale/index.ts';
import type { Chat } from '../session/chat.ts';
import { rememberLanguage } from '../session/language.ts';
import { Avatar } from './avatar.tsx';
import { Disclosure } from './disclosure.tsx';
import { Icon } from './icon.tsx';
import { LogOut } from './log-out.tsx';
import { PeopleContext } from './mention.tsx';
import { useWords } from './words.ts';

/** Renders the menu. */
export function UserMenu({ chat, me }: { chat: Chat; me: Person }): JSX.Element {
  const { t, language } = useWords();
  const known = useContext(PeopleContext).find(me.id);
  const name = known?.name || me.name;
  const isAdministrator = known?.role === 'administrator';
  const choose = (chosen: Language): void => {
    chat.setLanguage(chosen);
    void rememberLanguage(chosen);
  };
  return (
    <LogOut chat={chat}>
      {(logOut) => (
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
            <>
              <div class="menu-group" role="group" aria-label={t('language')}>
                {(Object.entries(languageNames) as [Language, string][]).map(([tag, name]) => (
                  <button
                    key={tag}
                    type="button"
                    class="menu-item"
                    lang={tag}
                    aria-pressed={tag === language}
                    onClick={() => {
                      choose(tag);
                      close();
                    }}
                  >
                    {name}
                    {tag === language && <Icon name="check" />}
                  </button>
                ))}
              </div>
              <a class="menu-item" href="/settings">
                <Icon name="settings" />
                {t('settings')}
              </a>
              {isAdministrator && (
                <a class="menu-item" href="/admin/invites">
                  <Icon name="plus" />
                  {t('invitePeople')}
                </a>
              )}
              <button
                type="button"
                class="menu-item"
                onClick={() => {
                  close();
                  chat.markRead.all();
                }}
              >
                <Icon name="check" />
                {t('markAllRead')}
              </button>
              <button
                type="button"
                class="menu-item"
                onClick={() => {
                  // Close first: the dialog then returns the focus to the button of the menu.
                  close();
                  logOut();
                }}
              >
                <Icon name="leave" />
                {t('logOut')}
              </button>
            </>
          )}
        </Disclosure>
      )}
    </LogOut>
  );
}
