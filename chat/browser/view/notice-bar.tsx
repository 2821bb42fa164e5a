/** The line above the composer that says why a change was refused. */
import type { JSX } from 'preact';
import type { ChangeNotice } from '../session/messages.ts';
import { changeNotice } from '../state/late-refusals.ts';
import { lateText } from './late-text.ts';
import { useWords } from './words.ts';

/** Renders a notice about a change. */
export function NoticeBar({ notice: { code, seconds = 1 } }: { readonly notice: ChangeNotice }): JSX.Element {
  return <p class="notice-bar">{lateText(useWords(), changeNotice(code), { count: seconds })}</p>;
}
