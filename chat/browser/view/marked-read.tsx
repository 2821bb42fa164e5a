/** Says that everything was marked as read, with a button that undoes it. */
import type { JSX } from 'preact';
import type { Chat } from '../session/chat.ts';
import { undoRead } from '../session/mark-read.ts';
import { useStore } from './use-store.ts';
import { actionTranslator } from '../../locale/actions/index.ts';
import { useWords } from './words.ts';

/** Renders the notice while the undo is offered. */
export function MarkedRead({ chat }: { chat: Chat }): JSX.Element | null {
  const a = actionTranslator(useWords().language);
  const before = useStore(chat.readBefore);
  if (!before) return null;
  return (
    <div class="banner banner--calm" role="status">
      <p>{a('markedRead', { count: before.length })}</p>
      <button type="button" class="link-button" onClick={() => undoRead(chat)}>
        {a('undo')}
      </button>
    </div>
  );
}
