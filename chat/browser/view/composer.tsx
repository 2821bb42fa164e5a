/**
 * The form that sends messages. The text field is uncontrolled: the code reads and clears it, and never binds it to a value.
 * Setting the value would break a composition, as in Chinese input.
 */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toShownText, toWireText } from '../../mentions/mention-text.ts';
import { mentionsOf } from '../../mentions/mentions-of.ts';
import type { Chat } from '../session/chat.ts';
import { isFocusFree } from '../session/whereabouts.ts';
import { mentionsAll, type WireLimits } from '../../wire.ts';
import type { RoomState } from '../state/room-state.ts';
import { isComposingKey, isSendKey } from '../text/enter-key.ts';
import { measure, toSendable, type Measured } from '../text/sendable.ts';
import { Icon } from './icon.tsx';
import { latePart, useLateParts } from './late-part.ts';
import { useIntent } from './use-intent.ts';
import { mentionListId, mentionOptionId, useMentions } from './use-mentions.ts';
import { useStore } from './use-store.ts';
import { canMentionAll } from '../state/room-rights.ts';
import { roomName, useWords } from './words.ts';

/** Time between the last input and the saving of the draft. */
const draftDelayMs = 300;
/** Part of the limit from which the counter is visible. */
const counterFrom = 0.9;

/** A message to more people asks first. */
const askAbovePeople = 5;

/** Props of {@link Composer}. */
export interface ComposerProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly limits: WireLimits;
  readonly isTouch: boolean;
}

/** The composer of one room. Each opened room mounts a new one. */
export function Composer({ chat, room, limits, isTouch }: ComposerProps): JSX.Element {
  const { t } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const composition = useRef({ isOn: false, hasJustEnded: false });
  const draftTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isRefused, setRefused] = useState(false);
  /** Number of people to notify, while the person is asked. */
  const [asking, setAsking] = useState<number>();
  const mentions = useMentions(chat, room.id, field, t('everybody'));
  // The field has the names of mentioned people; drafts and messages have their ids.
  const toShown = (text: string): string =>
    toShownText(text, (id) => {
      if (id === mentionsAll) return `@${t('everybody')}`;
      const person = chat.names.find(id);
      if (person === undefined) return undefined;
      return `@${person?.name || chat.names.standIn(id, t(person ? 'deletedPerson' : 'unknownPerson'))}`;
    });
  const toWire = (text: string): string => toWireText(text, chat.names.ids);
  const show = (text: string): void => {
    field.current!.value = toShown(text);
    onInput();
    // Nobody has typed the name at its end.
    mentions.close();
  };
  const { intent, quoted, first, isDraft, keep, cancel } = useIntent(chat, room, {
    read: () => toWire(field.current?.value ?? ''),
    show,
  });
  const notice = useStore(chat.messages.notice);
  const late = useLateParts((intent ?? asking ?? notice) !== undefined || mentions.suggestions.length > 0);
  const suggests = late !== undefined && mentions.suggestions.length > 0;
  const isEdit = intent?.kind === 'edit';
  const [measured, setMeasured] = useState<Measured>(() => measure(toSendable(first), limits));

  const keepDraft = (): void => {
    clearTimeout(draftTimer.current);
    // A composition in progress is not saved.
    if (field.current && !composition.current.isOn) keep(toWire(field.current.value));
  };

  useLayoutEffect(() => {
    const textarea = field.current!;
    textarea.value = toShown(first);
    fitHeight(textarea);
    if (!isTouch && isFocusFree()) textarea.focus({ preventScroll: true });
    window.addEventListener('pagehide', keepDraft);
    chat.intents.flush = keepDraft;
    const stopFollowing = chat.drafts.onFollowed((draftRoom, draft, before) => {
      // Input in this window that is not saved yet is newer than the draft of the other window.
      if (draftRoom !== room.id || composition.current.isOn || !isDraft()) return;
      if (toWire(textarea.value) !== before) return;
      show(draft);
    });
    // Names of the draft that were unknown when it was shown.
    const stopNames = chat.names.store.listen(() => {
      if (composition.current.isOn || !textarea.value.includes('<@')) return;
      const shown = toShown(textarea.value);
      if (shown !== textarea.value) textarea.value = shown;
    });
    return () => {
      stopFollowing();
      stopNames();
      if (chat.intents.flush === keepDraft) chat.intents.flush = undefined;
      window.removeEventListener('pagehide', keepDraft);
      keepDraft();
    };
  }, []);
  useEffect(() => setMeasured(measure(toSendable(toWire(field.current!.value)), limits)), [limits]);

  const onInput = (): void => {
    const textarea = field.current!;
    fitHeight(textarea);
    // Also in a composition: the letters of pinyin find people too.
    mentions.follow();
    if (composition.current.isOn) return;
    setMeasured(measure(toSendable(toWire(textarea.value)), limits));
    setRefused(false);
    clearTimeout(draftTimer.current);
    draftTimer.current = setTimeout(keepDraft, draftDelayMs);
  };

  /** @param shown - The beginning of the text of the field that is sent. */
  const send = (isSure = false, shown = field.current!.value): void => {
    const textarea = field.current!;
    const text = toSendable(toWire(shown));
    const { problem } = measure(text, limits);
    if (problem !== undefined) {
      setRefused(problem !== 'empty' || text !== '' || !isDraft());
      return;
    }
    const current = chat.intents.get(room.id);
    if (!isDraft()) {
      mentions.close();
      // An edit notifies nobody, so it does not ask either.
      if (current?.kind === 'edit') void chat.messages.edit(room.id, current.seq, text);
      return;
    }
    const reply = current?.kind === 'reply' ? current.seq : undefined;
    if (!isSure && mentionsOf(text).includes(mentionsAll)) {
      void askFirst(shown, text, reply);
      return;
    }
    mentions.close();
    chat.send(room.id, text, reply);
    cancel();
    textarea.value = textarea.value.slice(shown.length);
    onInput();
    keepDraft();
  };

  const askFirst = async (shown: string, text: string, reply?: number): Promise<void> => {
    const count = await chat.countMembers(room.id);
    const textarea = field.current;
    if (count > askAbovePeople) setAsking(count);
    else if (!textarea) {
      // The person has opened another room, so the text is the draft now.
      chat.send(room.id, text, reply);
      cancel();
      chat.discardDraft(room.id);
    } else if (textarea.value.startsWith(shown) && !composition.current.isOn) {
      // They may be writing the next message.
      send(true, shown);
    }
  };
  const endAsking = (): void => {
    setAsking(undefined);
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isComposingKey(event, composition.current.hasJustEnded) && suggests && mentions.onKeyDown(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (isSendKey(event, composition.current.hasJustEnded, isTouch, chat.store.value.choices.sendKey)) {
      event.preventDefault();
      if (!event.repeat) send();
    } else if (isComposingKey(event, composition.current.hasJustEnded)) event.stopPropagation();
    else if (event.key === 'Escape' && intent) {
      event.preventDefault();
      cancel();
    } else if (isPlainUp(event) && !intent && field.current?.value === '') {
      event.preventDefault();
      // They may have written something until it is loaded.
      void latePart.load().then((part) => field.current?.value === '' && part?.editLast(chat, room));
    }
  };

  const onCompositionEnd = (): void => {
    composition.current = { isOn: false, hasJustEnded: true };
    // Safari sends the keydown that ended the composition after this event, in the same task.
    setTimeout(() => (composition.current.hasJustEnded = false), 0);
    onInput();
  };

  const words = useProblemWords(measured, limits, isRefused);
  const name = roomName(room, t);
  const label = room.about.people.length === 1 ? name : t('writeTo', { room: name });
  return (
    <>
      {late && (suggests || asking !== undefined) && (
        <div class="composer-popup">
          <late.MentionList mentions={mentions} />
          {asking !== undefined && (
            <late.AskEverybody
              count={asking}
              isAllowed={canMentionAll(room, chat.store.value.role, asking)}
              onSend={() => {
                endAsking();
                send(true);
              }}
              onCancel={endAsking}
            />
          )}
        </div>
      )}
      {late && <late.FieldHelp field={field} room={room.id} />}
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
          field.current?.focus();
        }}
      >
        <div class="composer-inner">
          <div class="notice-place" role="status">
            {late && notice && <late.NoticeBar notice={notice} />}
          </div>
          {late && <late.IntentBar intent={intent} quoted={quoted} onCancel={cancel} />}
          <div class="composer-box">
            <textarea
              id="composer"
              ref={field}
              class="composer-field"
              rows={1}
              dir="auto"
              aria-label={label}
              placeholder={label}
              aria-describedby="composer-intent composer-words"
              aria-invalid={words.isWrong}
              enterkeyhint={isTouch ? 'enter' : 'send'}
              autocomplete="off"
              aria-autocomplete="list"
              aria-controls={suggests ? mentionListId : undefined}
              aria-activedescendant={suggests ? mentionOptionId(mentions.active) : undefined}
              onInput={onInput}
              onSelect={mentions.follow}
              onKeyDown={onKeyDown}
              onCompositionStart={() => (composition.current.isOn = true)}
              onCompositionEnd={onCompositionEnd}
              onBlur={() => {
                keepDraft();
                mentions.close();
              }}
            />
            <button
              type="submit"
              class="composer-send"
              aria-label={t(isEdit ? 'saveEdit' : 'send')}
              title={t(isEdit ? 'saveEdit' : 'send')}
              aria-disabled={measured.problem === 'empty'}
              // The field keeps the focus, so that a phone does not close its keyboard.
              onPointerDown={(event) => event.preventDefault()}
            >
              <Icon name={isEdit ? 'check' : 'send'} />
            </button>
          </div>
          <p
            // A new element with role=alert is announced at once.
            key={isRefused ? 'refused' : 'words'}
            id="composer-words"
            class={words.isWrong ? 'composer-words composer-words--wrong' : 'composer-words'}
            role={isRefused ? 'alert' : undefined}
          >
            {words.text}
          </p>
        </div>
      </form>
    </>
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

/** Arrow up without another key. */
function isPlainUp({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  return key === 'ArrowUp' && !shiftKey && !ctrlKey && !altKey && !metaKey;
}

/** Sets the height of the field to that of its text in browsers without `field-sizing`. The style sheet limits it. */
function fitHeight(textarea: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  textarea.style.height = 'auto';
  textarea.style.height = `${textarea.scrollHeight}px`;
}
