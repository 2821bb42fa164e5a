/**
 * A message that this person edits may get another text meanwhile, from another of their windows. As long as they have not changed the text
 * in the composer, it shows the new one; otherwise Enter would bring back the old one.
 */
import type { Chat } from './chat.ts';

/** Watches the changes of messages until the returned function is called. */
export function followEdited({ intents, messages }: Chat): () => void {
  let isComposing = false;
  const onComposition = ({ type }: Event): void => {
    isComposing = type === 'compositionstart';
  };
  document.addEventListener('compositionstart', onComposition);
  document.addEventListener('compositionend', onComposition);
  const stop = messages.changed.listen(() => {
    const change = messages.changed.value;
    if (!change || change.data.deleted || isComposing || intents.get(change.room)?.seq !== change.seq) return;
    const { room, seq, data } = change;
    // What was typed a moment ago.
    intents.flush?.();
    const intent = intents.get(room);
    if (intent?.kind !== 'edit' || intent.isChanged || intent.text === data.text) return;
    intents.set(room, undefined);
    intents.edit(room, seq, data.text);
  });
  return () => {
    stop();
    document.removeEventListener('compositionstart', onComposition);
    document.removeEventListener('compositionend', onComposition);
  };
}
