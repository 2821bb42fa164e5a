/** The texts of the dialogs, and those for the error codes of their commands. */
import { actionTranslator, type TranslateAction } from '../../locale/actions/index.ts';
import { roomsTranslator, type TranslateRooms } from '../../locale/rooms/index.ts';
import { roomRefusal } from '../state/late-refusals.ts';
import { lateText } from '../view/late-text.ts';
import { useWords, type Words } from '../view/words.ts';
import { dialogRefusals } from './dialog-refusals.ts';

/** The words of the page with those of the dialogs. */
export interface DialogWords extends Words {
  readonly a: TranslateAction;
  readonly d: TranslateRooms;
  /** The text for an error code; takes `count`, a limit. */
  readonly refusal: (code: string, count?: number) => string;
}

/** @returns The texts in the language of the page. */
export function useDialogWords(): DialogWords {
  const words = useWords();
  const d = roomsTranslator(words.language);
  return {
    ...words,
    a: actionTranslator(words.language),
    d,
    refusal: (code, count = 0) => {
      const key = dialogRefusals.get(code);
      return key === undefined ? lateText(words, roomRefusal(code), { count }) : d(key, { count });
    },
  };
}
