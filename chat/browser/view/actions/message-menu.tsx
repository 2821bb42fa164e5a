/** The menu of a message. On touch screens a long press opens it, and it has the most used reactions too. */
import type { JSX } from 'preact';
import type { TranslateAction } from '../../../locale/actions/index.ts';
import { LateIcon, type LateIconName } from '../late-icon.tsx';
import { EmojiGrid, type ReactionPickerProps } from './reaction-picker.tsx';
import { recentEmoji } from './recent-emoji.ts';

/** What can be done with a message, in the order of the menu. */
export type MessageAction =
  | 'addReaction'
  | 'reply'
  | 'edit'
  | 'copyText'
  | 'copyLink'
  | 'pin'
  | 'unpin'
  | 'markUnread'
  | 'recall'
  | 'delete';

export const actionIcons: Readonly<Record<MessageAction, LateIconName>> = {
  addReaction: 'smile',
  reply: 'reply',
  edit: 'edit',
  copyText: 'copy',
  copyLink: 'link',
  pin: 'pin',
  unpin: 'pin',
  markUnread: 'unread',
  recall: 'undo',
  delete: 'trash',
};

/** Props of {@link MessageMenu}. */
export interface MessageMenuProps extends Pick<ReactionPickerProps, 'isOwn'> {
  readonly t: TranslateAction;
  readonly actions: readonly MessageAction[];
  readonly onReact: (emoji: string) => void;
  readonly onAction: (action: MessageAction) => void;
}

/** Renders the content of a popup. */
export function MessageMenu({ t, actions, isOwn, onReact, onAction }: MessageMenuProps): JSX.Element {
  return (
    <>
      {actions.includes('addReaction') && (
        <EmojiGrid emoji={recentEmoji().slice(0, 6)} {...{ t, isOwn }} onChoose={onReact} />
      )}
      {actions.map((action) => (
        <button
          key={action}
          type="button"
          class={['recall', 'delete'].includes(action) ? 'menu-item menu-item--danger' : 'menu-item'}
          onClick={() => onAction(action)}
        >
          <LateIcon name={actionIcons[action]} />
          {t(action)}
        </button>
      ))}
    </>
  );
}
