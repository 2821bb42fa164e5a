/** Does what was chosen in the menu of a message. */
import type { Translate } from '../../../locale/index.ts';
import { toShownText } from '../../../mentions/mention-text.ts';
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
      chat.intents.edit(roomId, seq, message.data.text);
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
      if (text === undefined) row.focus();
      else {
        chat.intents.flush?.();
        chat.drafts.putBack(roomId, text);
        chat.refresh();
        focusComposer();
      }
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

function focusComposer(): void {
  const field = document.querySelector<HTMLTextAreaElement>('#composer');
  field?.focus({ preventScroll: true });
}
