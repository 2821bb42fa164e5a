/** The caret of the message field: it is where it was when the person comes back to a room. */
import { useEffect } from 'preact/hooks';

/** Where the caret was, and the length of the text. */
interface Caret {
  readonly at: number;
  readonly length: number;
}

/** By room. Only of this page: after a reload the caret is at the end. */
const carets = new Map<string, Caret>();

/** Puts the caret back, and notes it when the person leaves the room. Renders nothing. */
export function KeepCaret(props: { field: { readonly current: HTMLTextAreaElement | null }; room: string }): null {
  const { field, room } = props;
  useEffect(() => {
    const textarea = field.current!;
    const caret = carets.get(room);
    // Another text, or one in which the person types already, has its own caret.
    const { value, selectionStart } = textarea;
    if (caret?.length === value.length && selectionStart === value.length)
      textarea.setSelectionRange(caret.at, caret.at);
    return () => carets.set(room, { at: textarea.selectionStart, length: textarea.value.length });
  }, []);
  return null;
}
