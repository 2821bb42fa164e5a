/** The line above the composer that says why a change was refused. */
import type { JSX } from 'preact';
import type { ChangeNotice } from '../session/messages.ts';
import { changeNotice } from '../state/refusal.ts';
import { useWords } from './words.ts';

/** Renders a notice about a change, for as long as there is one. */
export function NoticeBar({ notice }: { readonly notice: ChangeNotice | undefined }): JSX.Element {
  const { t } = useWords();
  return (
    <div class="notice-place" role="status">
      {notice && <p class="notice-bar">{t(changeNotice(notice.code))}</p>}
    </div>
  );
}
