/** The reactions below a message. A press adds or removes one's own. */
import type { JSX } from 'preact';
import type { WireReaction } from '../../wire.ts';
import type { Words } from './words.ts';

/** Props of {@link Reactions}. */
export interface ReactionsProps {
  readonly reactions: readonly WireReaction[];
  readonly me: string;
  readonly words: Words;
  readonly onToggle: (emoji: string) => void;
  /** Loads the names of the people, for the title of a reaction. */
  readonly onNames: (emoji: string) => Promise<string>;
}

/** Renders one button for each emoji. */
export function Reactions({ reactions, me, words, onToggle, onNames }: ReactionsProps): JSX.Element {
  return (
    <ul class="reactions" aria-label={words.t('reactions')}>
      {reactions.map(({ emoji, count, people }) => {
        const showNames = ({ currentTarget }: { readonly currentTarget: HTMLElement }): void => {
          // The names of this count are there.
          if (currentTarget.dataset['names'] === `${count}`) return;
          currentTarget.dataset['names'] = `${count}`;
          onNames(emoji).then(
            (names) => (currentTarget.title = names),
            () => delete currentTarget.dataset['names'],
          );
        };
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={people.includes(me)}
              aria-label={words.t('reactionCount', { emoji, count })}
              onClick={() => onToggle(emoji)}
              onPointerEnter={showNames}
              onFocus={showNames}
            >
              <span class="reaction-emoji">{emoji}</span>
              <span class="reaction-count">{count}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
