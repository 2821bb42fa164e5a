/** Does what was chosen in the menu of a message. */
import type { Translate } from '../../../locale/index.ts';
import { toShownText } from '../../../mentions/mention-text.ts';
import { mentionsAll } from '../../../wire.ts';
import type { Chat } from '../../session/chat.ts';
import { addressOfMessage } from '../../session/address.ts';
import { findActionMessage } from './available-actions.ts';
import { mentionName } from '../mention.tsx';
import type { MessageAction } from './message-menu.tsx';

/** @param row - The row of the message. */
export async function performAction(
  chat: Chat,
  roomId: string,
  seq: number,
  action: Exclude<MessageAction, 'addReaction' | 'delete'>,
  row: HTMLElement,
  t: Translate,
): Promise<void> {
  const message = findActionMessage(chat.store.value, roomId, seq);
  if (!message) return;
  switch (action) {
    case 'reply':
      chat.intents.set(roomId, { kind: 'reply', seq });
      focusComposer();
      break;
    case 'edit':
      chat.intents.set(roomId, { kind: 'edit', seq, text: message.data.text });
      focusComposer();
      break;
    case 'copyText':
      await copy(
        chat,
        toShownText(message.data.text, (id) => mentionName(id, (known) => chat.names.find(known), t)),
        'messageTextCopied',
      );
      break;
    case 'copyLink':
      await copy(chat, new URL(addressOfMessage(roomId, seq), location.href).href, 'messageLinkCopied');
      break;
    case 'pin':
    case 'unpin':
      await chat.messages.pin(roomId, seq, action === 'pin');
      break;
    case 'markUnread':
      await chat.messages.markUnread(roomId, seq);
      break;
    case 'recall': {
      const text = await chat.messages.recall(roomId, seq);
      if (text !== undefined) putBack(chat, roomId, text, t);
      else row.focus();
    }
  }
}

/** Copies a text, also on pages without access to the clipboard: those of another computer without https. */
async function copy(chat: Chat, text: string, done: 'messageTextCopied' | 'messageLinkCopied'): Promise<void> {
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => copyByCommand(text),
  );
  chat.messages.note(isCopied ? done : 'notCopied');
}

function copyByCommand(text: string): boolean {
  const { activeElement } = document;
  const field = Object.assign(document.createElement('textarea'), { value: text, className: 'visually-hidden' });
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus({ preventScroll: true });
  return isCopied;
}

/** Puts the text of a recalled message into the composer, before a text that is there. */
function putBack(chat: Chat, roomId: string, text: string, t: Translate): void {
  const field = document.querySelector<HTMLTextAreaElement>('#composer');
  const isHere = field?.closest<HTMLElement>('[data-room]')?.dataset['room'] === roomId;
  if (!field || !isHere || chat.intents.get(roomId)?.kind === 'edit') {
    // The composer shows another text, and has stored the draft.
    chat.drafts.set(roomId, joined(text, chat.drafts.get(roomId)));
    chat.refresh();
    return;
  }
  // The field has names instead of ids.
  const shown = toShownText(text, (id) => {
    const name = id === mentionsAll ? t('everybody') : chat.names.find(id)?.name;
    return name === undefined || name === '' ? undefined : `@${name}`;
  });
  field.value = joined(shown, field.value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  focusComposer();
}

function joined(text: string, after: string): string {
  return after.trim() === '' ? text : `${text}\n${after}`;
}

function focusComposer(): void {
  const field = document.querySelector<HTMLTextAreaElement>('#composer');
  field?.focus({ preventScroll: true });
}
