/** The choice of an emoji: those used last, a small set, and a field for any other. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TranslateAction } from '../../../locale/actions/index.ts';
import { isComposingKey } from '../../text/enter-key.ts';
import { emojiSet, toEmoji } from './emoji-set.ts';
import { recentEmoji } from './recent-emoji.ts';

/** Props of {@link ReactionPicker}. */
export interface ReactionPickerProps {
  readonly t: TranslateAction;
  /** Whether the person has reacted with an emoji. */
  readonly isOwn: (emoji: string) => boolean;
  readonly onChoose: (emoji: string) => void;
}

/** Renders the content of a popup. */
export function ReactionPicker({ t, isOwn, onChoose }: ReactionPickerProps): JSX.Element {
  const [isWrong, setWrong] = useState(false);
  const choose = (typed: string): void => {
    const emoji = toEmoji(typed);
    if (emoji === undefined) setWrong(true);
    else onChoose(emoji);
  };
  return (
    <>
      <h2 class="emoji-title">{t('recentEmoji')}</h2>
      <EmojiGrid emoji={recentEmoji()} {...{ t, isOwn, onChoose }} />
      <h2 class="emoji-title">{t('allEmoji')}</h2>
      <EmojiGrid emoji={emojiSet} {...{ t, isOwn, onChoose }} />
      <input
        class="emoji-field"
        aria-label={t('anyEmoji')}
        placeholder={t('anyEmoji')}
        autocomplete="off"
        maxLength={64}
        aria-invalid={isWrong}
        onInput={({ currentTarget }) => {
          setWrong(false);
          // The keyboard of a phone enters whole emoji.
          if (toEmoji(currentTarget.value) !== undefined && matchMedia('(pointer: coarse)').matches) {
            choose(currentTarget.value);
          }
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || isComposingKey(event)) return;
          event.preventDefault();
          choose(event.currentTarget.value);
        }}
      />
      {isWrong && (
        <p class="emoji-words" role="alert">
          {t('notOneEmoji')}
        </p>
      )}
    </>
  );
}

/** Buttons of emoji, which remove a reaction that is there. */
export function EmojiGrid({
  emoji,
  t,
  isOwn,
  onChoose,
}: ReactionPickerProps & { readonly emoji: readonly string[] }): JSX.Element {
  return (
    <div class="emoji-grid">
      {emoji.map((each) => {
        const label = t(isOwn(each) ? 'removeReaction' : 'reactWith', { emoji: each });
        return (
          <button
            key={each}
            type="button"
            class="emoji-button"
            aria-label={label}
            title={label}
            aria-pressed={isOwn(each)}
            onClick={() => onChoose(each)}
          >
            {each}
          </button>
        );
      })}
    </div>
  );
}
