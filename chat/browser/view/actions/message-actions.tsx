/**
 * The actions on the messages of a room: a toolbar on the message under the pointer or with the focus, a menu, a choice of emoji, and keys.
 * The page loads this part when it is idle, or when it is needed first.
 */
import { render, type JSX, type RefObject } from 'preact';
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { actionTranslator } from '../../../locale/actions/index.ts';
import { isOwnReaction } from '../../state/message-data.ts';
import type { ActionsPlaceProps } from '../actions-place.tsx';
import { currentName, PeopleContext } from '../mention.tsx';
import { useStore } from '../use-store.ts';
import { useWords, WordsContext } from '../words.ts';
import { availableActions, findActionMessage } from './available-actions.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { watchLongPress } from './long-press.ts';
import { MessageMenu, type MessageAction } from './message-menu.tsx';
import { MessageToolbar } from './message-toolbar.tsx';
import { performAction } from './perform-action.ts';
import { Popup } from './popup.tsx';
import { namesOf } from '../use-deeds.ts';
import { ReactionPeople } from './reaction-people.tsx';
import { ReactionPicker } from './reaction-picker.tsx';
import { noteEmoji } from './recent-emoji.ts';
import { moveFocus, rowOf, seqOf } from './row-of.ts';
import '../../styles/dialog-form.css';
import '../../styles/menus.css';
import '../../styles/actions.css';

/** What is open for one message. */
interface Opened {
  readonly kind: 'menu' | 'picker' | 'delete' | 'people';
  readonly seq: number;
  /** The row, to which the focus returns. */
  readonly row: HTMLElement;
  /** What it is beside; undefined for a long press. */
  readonly anchor: Element | undefined;
  /** The reaction whose people are shown. */
  readonly emoji?: string | undefined;
}

/** Listens to the messages of one room while it is open. */
export function MessageActions({
  chat,
  roomId,
  viewport,
  first,
}: ActionsPlaceProps & { readonly first: RefObject<Event | undefined> }): JSX.Element | null {
  const words = useWords();
  const t = actionTranslator(words.language);
  const { find } = useContext(PeopleContext);
  const state = useStore(chat.store);
  const [row, setRow] = useState<HTMLElement>();
  const [opened, setOpened] = useState<Opened>();
  const isOpen = useRef(false);
  isOpen.current = opened !== undefined;
  const host = useMemo(() => Object.assign(document.createElement('div'), { className: 'message-tools-place' }), []);

  useEffect(() => {
    const element = viewport.current!;
    let hovered: HTMLElement | undefined;
    const onOver = (event: PointerEvent): void => {
      if (event.pointerType === 'touch') return;
      // Also one that has no number yet, since no further event comes when it gets one.
      hovered = (event.target as Element).closest<HTMLElement>('.message') ?? undefined;
      // While a key has moved the focus into the toolbar, it stays.
      if (isOpen.current || host.querySelector(':focus-visible')) return;
      setRow(hovered);
    };
    const onLeave = (): void => {
      hovered = undefined;
      if (!isOpen.current) setRow(rowOf(document.activeElement));
    };
    const onFocusOut = ({ relatedTarget }: FocusEvent): void => {
      // A press on another button of the toolbar moves the focus, too.
      if (!isOpen.current) setRow(rowOf(relatedTarget) ?? hovered);
    };
    const onFocus = ({ target }: FocusEvent): void => {
      // A touch focuses a row, too, but has its own menu.
      if (!isOpen.current && (target as Element).matches(':focus-visible')) setRow(rowOf(target));
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (
        handleKey(event, element, (pressed) =>
          setOpened({ kind: 'menu', seq: seqOf(pressed), row: pressed, anchor: pressed }),
        )
      ) {
        event.preventDefault();
      }
    };
    element.addEventListener('pointerover', onOver);
    element.addEventListener('pointerleave', onLeave);
    element.addEventListener('focusin', onFocus);
    element.addEventListener('focusout', onFocusOut);
    element.addEventListener('keydown', onKeyDown);
    const stopLongPress = watchLongPress(element, (pressed, reaction) => {
      const emoji = reaction?.querySelector('.reaction-emoji')?.textContent;
      const kind = reaction ? 'people' : 'menu';
      setOpened({ kind, seq: seqOf(pressed), row: pressed, anchor: undefined, emoji });
    });
    // It came before these listeners.
    const { current: missed } = first;
    if (missed?.target instanceof Element) missed.target.dispatchEvent(repeated(missed));
    return () => {
      element.removeEventListener('pointerover', onOver);
      element.removeEventListener('pointerleave', onLeave);
      element.removeEventListener('focusin', onFocus);
      element.removeEventListener('focusout', onFocusOut);
      element.removeEventListener('keydown', onKeyDown);
      stopLongPress();
    };
  }, []);

  const close = (): void => {
    setOpened(undefined);
    // At once, since nothing outside of an open dialog can get the focus or be copied.
    document.querySelector<HTMLDialogElement>('dialog.popup[open]')?.close();
  };
  const message = row?.isConnected ? findActionMessage(state, roomId, seqOf(row)) : undefined;
  const act = (action: MessageAction, seq: number, from: HTMLElement, anchor?: Element): void => {
    close();
    if (action === 'addReaction') setOpened({ kind: 'picker', seq, row: from, anchor });
    else if (action === 'delete') setOpened({ kind: 'delete', seq, row: from, anchor });
    else void performAction(chat, roomId, seq, action, from, words.t);
  };
  const react = (seq: number, emoji: string): void => {
    close();
    noteEmoji(emoji);
    void chat.messages.toggleReaction(roomId, seq, emoji);
  };

  useLayoutEffect(() => {
    if (!row || !message) {
      host.remove();
      return;
    }
    if (host.parentElement !== row) row.append(host);
    const { seq, data } = message;
    render(
      <WordsContext.Provider value={words}>
        <MessageToolbar
          // Buttons of its own for each message: a screen reader may hold one while the toolbar moves.
          key={seq}
          t={t}
          actions={availableActions(state, roomId, message)}
          isOwn={(emoji) => isOwnReaction(data, emoji, state.me.id) === true}
          onReact={(emoji) => react(seq, emoji)}
          onAction={(action) => act(action, seq, row)}
          onOpen={(kind, anchor) => setOpened({ kind, seq, row, anchor })}
        />
      </WordsContext.Provider>,
      host,
    );
  });
  useLayoutEffect(() => {
    if (!row) return undefined;
    // Tab leads from its toolbar back to it.
    row.tabIndex = 0;
    return () => (row.tabIndex = -1);
  }, [row]);
  useEffect(
    () => () => {
      render(null, host);
      host.remove();
    },
    [],
  );

  const subject = opened && findActionMessage(state, roomId, opened.seq);
  // Another person deleted it meanwhile.
  if (!opened || !subject) return null;
  const isOwn = (emoji: string): boolean => isOwnReaction(subject.data, emoji, state.me.id) === true;
  if (opened.kind === 'delete') {
    return (
      <DeleteDialog
        t={t}
        author={subject.author.id === state.me.id ? undefined : currentName(subject.author, find, words.t)}
        onClose={close}
        onDelete={() => {
          close();
          void chat.messages.delete(roomId, opened.seq).then(() => opened.row.focus());
        }}
      />
    );
  }
  return (
    <Popup
      key={opened.kind}
      label={
        opened.kind === 'people' ? words.t('reactions') : t(opened.kind === 'menu' ? 'messageActions' : 'addReaction')
      }
      class={`popup--${opened.kind}`}
      anchor={opened.anchor}
      // The event of one dialog may come after the next one has opened.
      onClose={() => setOpened((now) => (now === opened ? undefined : now))}
    >
      {opened.kind === 'people' ? (
        <ReactionPeople
          emoji={opened.emoji ?? ''}
          load={async () => namesOf(await chat.messages.whoReacted(roomId, opened.seq, opened.emoji ?? ''), chat)}
        />
      ) : opened.kind === 'menu' ? (
        <MessageMenu
          t={t}
          actions={availableActions(state, roomId, subject)}
          isOwn={isOwn}
          onReact={(emoji) => react(opened.seq, emoji)}
          onAction={(action) => act(action, opened.seq, opened.row, opened.anchor)}
        />
      ) : (
        <ReactionPicker t={t} isOwn={isOwn} onChoose={(emoji) => react(opened.seq, emoji)} />
      )}
    </Popup>
  );
}

/** An event like one that was dispatched before. */
function repeated(event: Event): Event {
  const { type } = event;
  if (event instanceof PointerEvent) return new PointerEvent(type, event);
  if (event instanceof KeyboardEvent) return new KeyboardEvent(type, event);
  return new FocusEvent(type, { bubbles: true });
}

/** @returns Whether the key was for the messages. */
function handleKey(event: KeyboardEvent, viewport: HTMLElement, onMenu: (row: HTMLElement) => void): boolean {
  const { key, target, ctrlKey, altKey, metaKey, shiftKey } = event;
  const row = rowOf(target);
  // Buttons, links and blocks of code in a message have keys of their own.
  const isOnRow = target === row;
  if (event.isComposing || ctrlKey || altKey || metaKey || !(isOnRow || target === viewport)) return false;
  if (row && (key === 'Enter' || key === ' ' || key === 'ContextMenu' || (key === 'F10' && shiftKey))) {
    onMenu(row);
    return true;
  }
  if (shiftKey) return false;
  const step = ({ ArrowUp: -1, ArrowDown: 1, Home: 'first', End: 'last' } as const)[key];
  if (step === undefined || (!row && typeof step === 'string')) return false;
  moveFocus(viewport, row, step);
  return true;
}
