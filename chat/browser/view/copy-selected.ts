/** Copies what the person selects in the messages. */
import { toShownText } from '../../mentions/mention-text.ts';
import type { Translate } from '../../locale/index.ts';
import { sourceOf } from './copy-text.ts';
import { mentionName, type FindPerson } from './mention.tsx';

/**
 * Puts the source of the selected messages on the clipboard, with its marks of bold text and code, so that it can be sent again. A
 * part of one message is copied as it is shown. Several messages have their authors and times.
 */
export function copySelected(event: ClipboardEvent, find: FindPerson, t: Translate): void {
  const selection = getSelection();
  const list = event.currentTarget;
  if (!selection || selection.isCollapsed || !(list instanceof HTMLElement) || !event.clipboardData) return;
  const selected = selection.getRangeAt(0);
  const toSource = (content: Element, shown: string): string =>
    toShownText(sourceOf(content) ?? shown, (id) => mentionName(id, find, t));
  const messages = [...list.querySelectorAll('.message-content')].flatMap((content) => {
    if (!selected.intersectsNode(content)) return [];
    const shown = selectedIn(selected, content);
    const isWhole = shown.trim() === content.textContent.trim();
    return shown === '' ? [] : [{ content, isWhole, text: isWhole ? toSource(content, shown) : shown }];
  });
  const [first] = messages;
  if (!first || (messages.length === 1 && !first.isWhole)) return;
  const text =
    messages.length === 1
      ? first.text
      : messages.map(({ content, text: part }) => `${headOf(content)}\n${part}`).join('\n\n');
  event.clipboardData.setData('text/plain', text);
  event.preventDefault();
}

/** The selected part of an element. */
function selectedIn(selected: Range, content: Element): string {
  const part = document.createRange();
  part.selectNodeContents(content);
  if (selected.compareBoundaryPoints(Range.START_TO_START, part) > 0) {
    part.setStart(selected.startContainer, selected.startOffset);
  }
  if (selected.compareBoundaryPoints(Range.END_TO_END, part) < 0)
    part.setEnd(selected.endContainer, selected.endOffset);
  return part.toString();
}

function headOf(content: Element): string {
  const row = content.closest('.message');
  const author = row?.querySelector<HTMLElement>('.message-author');
  // Others read the name of this person, not "You".
  return `${author?.dataset['name'] ?? author?.textContent} ${row?.querySelector('.message-time')?.textContent}`;
}
