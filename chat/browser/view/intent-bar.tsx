/** The line above the composer: to which message one replies, that one edits a message, or why a change was refused. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { ChangeNotice } from '../session/messages.ts';
import type { Quoted } from '../state/quotes.ts';
import { changeNotice } from '../state/refusal.ts';
import type { Intent } from '../storage/intents.ts';
import { Icon } from './icon.tsx';
import { mentionName, nameNow, PeopleContext } from './mention.tsx';
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
  const { t } = useWords();
  const { find } = useContext(PeopleContext);
  if (!intent || !quoted) return null;
  const isEdit = intent.kind === 'edit';
  const name = quoted.state !== 'known' ? '' : quoted.isOwn ? t('yourself') : nameNow(quoted.author, find);
  return (
    <div id="composer-intent" class="intent">
      <Icon name={isEdit ? 'edit' : 'reply'} />
      <p class="intent-words">
        <span class="intent-title">{t(isEdit ? 'editing' : 'replyingTo', { name })}</span>{' '}
        <span class="intent-text" dir="auto">
          {quoted.state === 'known'
            ? lineOf(quoted.text, (id) => mentionName(id, find, t))
            : t(quoted.state === 'loading' ? 'loading' : 'quoteDeleted')}
        </span>
      </p>
      <button
        type="button"
        class="icon-button"
        aria-label={t(isEdit ? 'cancelEdit' : 'cancelReply')}
        title={t(isEdit ? 'cancelEdit' : 'cancelReply')}
        // The field keeps the focus, so that a phone does not close its keyboard.
        onPointerDown={(event) => event.preventDefault()}
        onClick={onCancel}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Renders a notice about a change, for as long as there is one. */
export function NoticeBar({ notice }: { readonly notice: ChangeNotice | undefined }): JSX.Element {
  const { t } = useWords();
  return (
    <div class="notice-place" role="status">
      {notice && <p class="notice-bar">{t(changeNotice(notice.code))}</p>}
    </div>
  );
}
