/** The buttons at the upper edge of the message under the pointer or with the focus. */
import type { JSX } from 'preact';
import type { TranslateAction } from '../../../locale/actions/index.ts';
import { LateIcon, type LateIconName } from '../late-icon.tsx';
import type { MessageAction } from './message-menu.tsx';
import type { ReactionPickerProps } from './reaction-picker.tsx';
import { recentEmoji } from './recent-emoji.ts';

/** Reactions in the toolbar. */
const quickEmoji = 3;

/** Props of {@link MessageToolbar}. */
export interface MessageToolbarProps extends Pick<ReactionPickerProps, 'isOwn'> {
  readonly t: TranslateAction;
  readonly actions: readonly MessageAction[];
  readonly onReact: (emoji: string) => void;
  readonly onAction: (action: 'reply' | 'edit') => void;
  readonly onOpen: (popup: 'picker' | 'menu', anchor: Element) => void;
}

/** Renders the buttons. */
export function MessageToolbar({ t, actions, isOwn, onReact, onAction, onOpen }: MessageToolbarProps): JSX.Element {
  const canReact = actions.includes('addReaction');
  return (
    <div class="message-tools" role="group" aria-label={t('messageActions')}>
      {(canReact ? recentEmoji().slice(0, quickEmoji) : []).map((emoji) => {
        const label = t(isOwn(emoji) ? 'removeReaction' : 'reactWith', { emoji });
        return (
          <button
            key={emoji}
            type="button"
            class="tool tool--emoji"
            aria-label={label}
            title={label}
            aria-pressed={isOwn(emoji)}
            onClick={() => onReact(emoji)}
          >
            {emoji}
          </button>
        );
      })}
      {canReact && (
        <Tool icon="smile" label={t('addReaction')} onClick={(button) => onOpen('picker', button)} hasPopup />
      )}
      {actions.includes('reply') && <Tool icon="reply" label={t('reply')} onClick={() => onAction('reply')} />}
      {actions.includes('edit') && <Tool icon="edit" label={t('edit')} onClick={() => onAction('edit')} />}
      <Tool icon="more" label={t('moreActions')} onClick={(button) => onOpen('menu', button)} hasPopup />
    </div>
  );
}

function Tool(props: {
  icon: LateIconName;
  label: string;
  onClick: (button: Element) => void;
  hasPopup?: boolean;
}): JSX.Element {
  const { icon, label, onClick, hasPopup = false } = props;
  return (
    <button
      type="button"
      class="tool"
      aria-label={label}
      title={label}
      aria-haspopup={hasPopup ? 'dialog' : undefined}
      onClick={({ currentTarget }) => onClick(currentTarget)}
    >
      <LateIcon name={icon} />
    </button>
  );
}
