/** The texts of the dialogs, and those for the error codes of their commands. */
import { actionTranslator, type TranslateAction } from '../../locale/actions/index.ts';
import { roomsTranslator, type TranslateRooms } from '../../locale/rooms/index.ts';
import { refusalText, type Refusal } from '../view/late-text.ts';
import { useWords, type Words } from '../view/words.ts';
import { dialogRefusals } from './dialog-refusals.ts';

/** The words of the page with those of the dialogs. */
export interface DialogWords extends Words {
  readonly a: TranslateAction;
  readonly d: TranslateRooms;
  /** The text for an error; takes `count`, a limit. */
  readonly refusal: (error: Refusal, count?: number) => string;
}

/** @returns The texts in the language of the page. */
export function useDialogWords(): DialogWords {
  const words = useWords();
  const d = roomsTranslator(words.language);
  return {
    ...words,
    a: actionTranslator(words.language),
    d,
    refusal: (error, count = 0) => {
      const key = dialogRefusals.get(error.code);
      return key === undefined ? refusalText(words, error, count) : d(key, { count });
    },
  };
}
