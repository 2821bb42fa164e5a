/** One message: author, time, text, and for an own message its status. */
import { Component, type JSX } from 'preact';
import type { Translate } from '../../locale/index.ts';
import { mentionsPerson } from '../state/own-mentions.ts';
import { isSameQuoted } from '../state/quotes.ts';
import { isReplyToGone, isUnknown, messageRefusal } from '../state/refusal.ts';
import type { ShownMessage } from '../state/timeline-layout.ts';
import { clockTime, fullTime } from '../time/day.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { MessageText } from './message-text.tsx';
import { deletedText } from './deleted-text.ts';
import { PersonName } from './person-name.tsx';
import { Quote } from './quote.tsx';
import { Reactions, type ReactionsProps } from './reactions.tsx';
import type { Words } from './words.ts';

/** Props of {@link MessageRow}. */
export interface MessageRowProps {
  readonly message: ShownMessage;
  readonly words: Words;
  /** Whether the connection to the server is open. */
  readonly isConnected: boolean;
  /** Undefined if a retry cannot succeed. */
  readonly onRetry: ((id: string) => void) | undefined;
  readonly onDiscard: (id: string) => void;
  /** Called before a folded message opens. */
  readonly onUnfold?: (() => void) | undefined;
  /** What reactions and quotes do; undefined where a message has none. */
  readonly deeds?: MessageDeeds | undefined;
}

/** What the parts of a stored message do, for all rows of a room. */
export interface MessageDeeds {
  /** Id of the person of this page. */
  readonly me: string;
  readonly onReact: (seq: number, emoji: string) => void;
  readonly onNames: (seq: number, emoji: string) => ReturnType<ReactionsProps['onNames']>;
  /** Goes to another message of the room. */
  readonly onOpen: (seq: number) => void;
}

/** A row of the timeline. It renders again only if its content changes, because a timeline has hundreds of rows. */
export class MessageRow extends Component<MessageRowProps> {
  override shouldComponentUpdate({ message, words, isConnected }: MessageRowProps): boolean {
    const shown = this.props.message;
    return (
      words.language !== this.props.words.language ||
      words.timeZone !== this.props.words.timeZone ||
      (isConnected !== this.props.isConnected && message.status === 'pending') ||
      (Object.keys(message) as (keyof ShownMessage)[]).some(
        (key) => !['author', 'quoted'].includes(key) && message[key] !== shown[key],
      ) ||
      !isSameQuoted(message.quoted, shown.quoted)
    );
  }

  override render({ message, words, deeds }: MessageRowProps): JSX.Element {
    const { isOwn, isFirst, isLast, status, author, data, seq } = message;
    const deleted = deletedText(message, words.t);
    const classes = ['message', isOwn ? 'message--own' : 'message--other', `message--${status}`];
    if (isFirst) classes.push('message--first');
    if (isLast) classes.push('message--last');
    if (message.isNew) classes.push('message--new');
    if (deeds && mentionsPerson(author.id, data, deeds.me)) classes.push('message--mention');
    if (deleted !== undefined) classes.push('message--deleted');
    return (
      <li
        class={classes.join(' ')}
        data-seq={seq}
        // Arrow keys move the focus from message to message; and it goes to a failed one from one before it that is discarded.
        tabIndex={status === 'failed' || seq !== undefined ? -1 : undefined}
      >
        {isFirst && <Avatar person={author} />}
        <p class={isFirst ? 'message-head' : 'message-head message-head--quiet'}>
          <span class="message-author" dir="auto" data-name={isOwn ? author.name : undefined}>
            {isOwn ? words.t('you') : <PersonName person={author} />}
          </span>
          <time
            class="message-time"
            dateTime={new Date(message.time).toISOString()}
            // Written when it is needed: its format takes as long to load as the rest of the row.
            onPointerMove={(event) => {
              event.currentTarget.title = fullTime(message.time, words.language, words.timeZone);
            }}
          >
            {clockTime(message.time, words.language, words.timeZone)}
          </time>
        </p>
        <div class="message-line">
          <div class="bubble">
            {message.quoted && <Quote quoted={message.quoted} words={words} onOpen={deeds?.onOpen} />}
            {deleted === undefined ? (
              <MessageText text={data.text} onUnfold={this.props.onUnfold} />
            ) : (
              <p class="message-deleted">{deleted}</p>
            )}
            {data.edited !== undefined && <Edited time={data.edited} words={words} />}
          </div>
          {data.pinned !== undefined && <Pinned label={words.t('pinned')} />}
          {isOwn && this.#renderStatus(words.t)}
        </div>
        {deeds && seq !== undefined && data.reactions && (
          <Reactions
            reactions={data.reactions}
            me={deeds.me}
            words={words}
            onToggle={(emoji) => deeds.onReact(seq, emoji)}
            onNames={(emoji) => deeds.onNames(seq, emoji)}
          />
        )}
        {status === 'failed' && this.#renderFailure(words.t)}
      </li>
    );
  }

  /** Only what is not stored has a status. */
  #renderStatus(t: Translate): JSX.Element | null {
    const { message, isConnected } = this.props;
    if (message.status === 'failed') {
      return <Status icon="warning" label={t(isUnknown(message.code) ? 'perhapsSent' : 'failed')} />;
    }
    if (message.status !== 'pending') return null;
    return <Status icon="clock" label={t(isConnected ? 'sending' : 'waiting')} />;
  }

  #renderFailure(t: Translate): JSX.Element {
    const { message, onRetry, onDiscard } = this.props;
    const { code } = message;
    const isPerhapsSent = isUnknown(code);
    return (
      <p class="message-failure" role="alert">
        {message.saysWhy && <span>{isPerhapsSent ? t('notKnown') : failureText(code, t)}</span>}
        {onRetry && (
          <button type="button" class="link-button" onClick={() => onRetry(message.id)}>
            {t(isPerhapsSent ? 'sendAgain' : isReplyToGone(code) ? 'sendWithoutQuote' : 'retry')}
          </button>
        )}
        <button type="button" class="link-button" onClick={() => onDiscard(message.id)}>
          {t('discard')}
        </button>
      </p>
    );
  }
}

function Pinned({ label }: { label: string }): JSX.Element {
  return (
    <span class="message-pinned" role="img" aria-label={label} title={label}>
      <Icon name="pin" />
    </span>
  );
}

function Edited({ time, words: { t, language, timeZone } }: { time: number; words: Words }): JSX.Element {
  return (
    <time
      class="message-edited"
      dateTime={new Date(time).toISOString()}
      title={t('editedAt', { time: fullTime(time, language, timeZone) })}
    >
      {t('edited')}
    </time>
  );
}

function failureText(code: string | undefined, t: Translate): string {
  if (code === undefined) return t('failed');
  return t('failedBecause', { reason: t(messageRefusal(code), { code }) });
}

function Status({ icon, label }: { icon: 'warning' | 'clock'; label: string }): JSX.Element {
  return (
    <span class="message-status" role="img" aria-label={label} title={label}>
      <Icon name={icon} />
    </span>
  );
}
