/** The texts of the actions on messages and of other parts that browsers load late. */
import { createTranslator, type Language, type Phrase, type PhraseValues } from '../index.ts';
import { actionsEn } from './en.ts';
import { actionsZhCn } from './zh-cn.ts';

/** The key of a text of an action. */
export type ActionKey = keyof typeof actionsEn;
/** All texts of the actions in a language. */
export type ActionPhrases = { readonly [key in ActionKey]: Phrase };
/** Returns the text of a key with its values. */
export type TranslateAction = (key: ActionKey, values?: PhraseValues) => string;

const translators: Readonly<Record<Language, TranslateAction>> = {
  en: createTranslator<ActionKey>('en', actionsEn),
  'zh-CN': createTranslator<ActionKey>('zh-CN', actionsZhCn),
};

/** Whether a text is here, and not among those that the page loads first. */
export function isActionKey(key: string): key is ActionKey {
  return Object.hasOwn(actionsEn, key);
}

/** The function that returns texts in one language. */
export function actionTranslator(language: Language): TranslateAction {
  return translators[language];
}
