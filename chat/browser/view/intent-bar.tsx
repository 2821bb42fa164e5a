/** The line above the composer: to which message one replies, or that one edits a message. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import type { Quoted } from '../state/quotes.ts';
import type { Intent } from '../storage/intents.ts';
import { LateIcon } from './late-icon.tsx';
import { currentName, mentionName, PeopleContext } from './mention.tsx';
import { lineOf } from './quote.tsx';
import { useWords } from './words.ts';

/** Props of {@link IntentBar}. */
export interface IntentBarProps {
  readonly intent: Intent | undefined;
  readonly quoted: Quoted | undefined;
  readonly onCancel: () => void;
}

/** Renders nothing for a new message. */
export function IntentBar({ intent, quoted, onCancel }: IntentBarProps): JSX.Element | null {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const { find } = useContext(PeopleContext);
  if (!intent || !quoted) return null;
  const isEdit = intent.kind === 'edit';
  const name = quoted.state !== 'known' ? '' : quoted.isOwn ? a('yourself') : currentName(quoted.author, find, t);
  return (
    <div id="composer-intent" class="intent">
      <LateIcon name={isEdit ? 'edit' : 'reply'} />
      <p class="intent-words">
        <span class="intent-title">{a(isEdit ? 'editing' : 'replyingTo', { name })}</span>{' '}
        <span class="intent-text" dir="auto">
          {quoted.state === 'known'
            ? lineOf(quoted.text, (id) => mentionName(id, find, t))
            : t(quoted.state === 'loading' ? 'loading' : 'quoteDeleted')}
        </span>
      </p>
      <button
        type="button"
        class="icon-button"
        aria-label={a(isEdit ? 'cancelEdit' : 'cancelReply')}
        title={a(isEdit ? 'cancelEdit' : 'cancelReply')}
        // The field keeps the focus, so that a phone does not close its keyboard.
        onPointerDown={(event) => event.preventDefault()}
        onClick={onCancel}
      >
        <LateIcon name="close" />
      </button>
    </div>
  );
}
