/** The entries of the menu of the person: the languages, settings, and log-out. */
import type { JSX } from 'preact';
import { actionTranslator } from '../../locale/actions/index.ts';
import { languageNames, type Language } from '../../locale/index.ts';
import type { Chat } from '../session/chat.ts';
import { markAllRead } from '../session/mark-read.ts';
import { rememberLanguage } from '../session/language.ts';
import { logOut } from '../session/log-out.ts';
import { LateIcon } from './late-icon.tsx';
import { useWords } from './words.ts';

/** Props of {@link UserMenuItems}. */
export interface UserMenuItemsProps {
  readonly chat: Chat;
  readonly isAdministrator: boolean;
  readonly close: () => void;
}

/** Renders the entries. */
export function UserMenuItems({ chat, isAdministrator, close }: UserMenuItemsProps): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const choose = (chosen: Language): void => {
    chat.setLanguage(chosen);
    void rememberLanguage(chosen);
  };
  return (
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
            {tag === language && <LateIcon name="check" />}
          </button>
        ))}
      </div>
      <a class="menu-item" href="/settings">
        <LateIcon name="settings" />
        {t('settings')}
      </a>
      {isAdministrator && (
        <a class="menu-item" href="/admin/invites">
          <LateIcon name="plus" />
          {a('invitePeople')}
        </a>
      )}
      <button
        type="button"
        class="menu-item"
        onClick={() => {
          close();
          markAllRead(chat);
        }}
      >
        <LateIcon name="check" />
        {a('markAllRead')}
      </button>
      {!matchMedia('(pointer: coarse)').matches && (
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            close();
            chat.dialog.open({ kind: 'shortcuts' });
          }}
        >
          <LateIcon name="keyboard" />
          {a('shortcuts')}
        </button>
      )}
      <button
        type="button"
        class="menu-item"
        onClick={() => {
          // Close first: the dialog then returns the focus to the button of the menu.
          close();
          if (chat.keptTexts.count === 0) logOut(chat, 'remove');
          else chat.dialog.open({ kind: 'log-out' });
        }}
      >
        <LateIcon name="leave" />
        {a('logOut')}
      </button>
    </>
  );
}
