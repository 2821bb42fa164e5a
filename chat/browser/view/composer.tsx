/**
 * Where messages are written. The field belongs to the browser: while somebody composes Chinese in it nothing is set from
 * here, so it is read and emptied, never bound to a value.
 */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { WireLimits } from '../../wire.ts';
import type { RoomState } from '../state/room-state.ts';
import { isComposingKey, isSendKey } from '../text/enter-key.ts';
import { measure, toSendable, type Measured } from '../text/sendable.ts';
import { Icon } from './icon.tsx';
import { roomName, useWords } from './words.ts';

/** After the last key so long until a draft is kept. */
const draftDelayMs = 300;
/** The counter shows when fewer characters are left than this part of all. */
const counterFrom = 0.9;

/** What a composer is drawn from. */
export interface ComposerProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly limits: WireLimits;
  readonly isTouch: boolean;
}

/** The composer of one room; made anew for each room that is opened. */
export function Composer({ chat, room, limits, isTouch }: ComposerProps): JSX.Element {
  const { t } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const composition = useRef({ isOn: false, hasJustEnded: false });
  const draftTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [measured, setMeasured] = useState<Measured>(() => measure(toSendable(chat.drafts.get(room.id)), limits));
  const [isRefused, setRefused] = useState(false);

  const keepDraft = (): void => {
    clearTimeout(draftTimer.current);
    // Half a word is no draft.
    if (field.current && !composition.current.isOn) chat.drafts.set(room.id, field.current.value);
  };

  useLayoutEffect(() => {
    const textarea = field.current!;
    textarea.value = chat.drafts.get(room.id);
    fitHeight(textarea);
    if (!isTouch) textarea.focus({ preventScroll: true });
    window.addEventListener('pagehide', keepDraft);
    const stopFollowing = chat.drafts.onFollowed((draftRoom, draft, before) => {
      // What was typed here and not kept yet is newer.
      if (draftRoom !== room.id || composition.current.isOn || textarea.value !== before) return;
      textarea.value = draft;
      onInput();
    });
    return () => {
      stopFollowing();
      window.removeEventListener('pagehide', keepDraft);
      keepDraft();
    };
  }, []);
  useEffect(() => setMeasured(measure(toSendable(field.current!.value), limits)), [limits]);

  const onInput = (): void => {
    const textarea = field.current!;
    fitHeight(textarea);
    if (composition.current.isOn) return;
    setMeasured(measure(toSendable(textarea.value), limits));
    setRefused(false);
    clearTimeout(draftTimer.current);
    draftTimer.current = setTimeout(keepDraft, draftDelayMs);
  };

  const send = (): void => {
    const textarea = field.current!;
    const text = toSendable(textarea.value);
    const { problem } = measure(text, limits);
    if (problem !== undefined) {
      setRefused(problem !== 'empty' || text !== '');
      return;
    }
    chat.send(room.id, text);
    textarea.value = '';
    onInput();
    keepDraft();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (isSendKey(event, composition.current.hasJustEnded, isTouch)) {
      event.preventDefault();
      if (!event.repeat) send();
    } else if (isComposingKey(event, composition.current.hasJustEnded)) event.stopPropagation();
  };

  const onCompositionEnd = (): void => {
    composition.current = { isOn: false, hasJustEnded: true };
    // Safari sends the key that ended it only now, in this same task.
    setTimeout(() => (composition.current.hasJustEnded = false), 0);
    onInput();
  };

  const words = useProblemWords(measured, limits, isRefused);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
        field.current?.focus();
      }}
    >
      <div class="composer-inner">
        <div class="composer-box">
          <textarea
            id="composer"
            ref={field}
            class="composer-field"
            rows={1}
            dir="auto"
            aria-label={t('messageField')}
            placeholder={t('writeTo', { room: roomName(room, t) })}
            aria-describedby="composer-words"
            aria-invalid={words.isWrong}
            enterkeyhint={isTouch ? 'enter' : 'send'}
            autocomplete="off"
            onInput={onInput}
            onKeyDown={onKeyDown}
            onCompositionStart={() => (composition.current.isOn = true)}
            onCompositionEnd={onCompositionEnd}
            onBlur={keepDraft}
          />
          <button
            type="submit"
            class="composer-send"
            aria-label={t('send')}
            title={t('send')}
            aria-disabled={measured.problem === 'empty'}
            // The keyboard of a phone stays where it is.
            onPointerDown={(event) => event.preventDefault()}
          >
            <Icon name="send" />
          </button>
        </div>
        <p
          // Put in anew it is read out at once.
          key={isRefused ? 'refused' : 'words'}
          id="composer-words"
          class={words.isWrong ? 'composer-words composer-words--wrong' : 'composer-words'}
          role={isRefused ? 'alert' : undefined}
        >
          {words.text}
        </p>
      </div>
    </form>
  );
}

function useProblemWords(
  { codePoints, bytes, problem }: Measured,
  limits: WireLimits,
  isRefused: boolean,
): { text: string; isWrong: boolean } {
  const { t } = useWords();
  if (problem === 'tooLong') return { text: t('tooLong', { count: codePoints - limits.codePoints }), isWrong: true };
  if (problem === 'tooManyBytes') {
    const kilobytes = Math.ceil(bytes / 102.4) / 10;
    return { text: t('tooManyBytes', { kilobytes, limit: Math.floor(limits.bytes / 1024) }), isWrong: true };
  }
  if (problem === 'empty' && isRefused) return { text: t('nothingToSend'), isWrong: true };
  const isNear = codePoints > limits.codePoints * counterFrom;
  return { text: isNear ? t('charactersLeft', { count: limits.codePoints - codePoints }) : '', isWrong: false };
}

/** Where the browser cannot do it by itself, the field is made as high as its text; the style sheet limits it. */
function fitHeight(textarea: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  textarea.style.height = 'auto';
  textarea.style.height = `${textarea.scrollHeight}px`;
}
