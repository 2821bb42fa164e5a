/**
 * The texts of forms in English. They are also the keys of translations; chinese-form-texts.ts has the Chinese ones. Values such as
 * `{count}` are filled in after the translation.
 */

/** A text, or a text for one and a text for several. */
export type FormText = string | readonly [one: string, other: string];

/** What can be wrong with a field. The names are those of the option `messages`. */
export type FormRule =
  | 'required'
  | 'tooShort'
  | 'tooLong'
  | 'characters'
  | 'pattern'
  | 'email'
  | 'integer'
  | 'decimal'
  | 'digits'
  | 'places'
  | 'date'
  | 'time'
  | 'tooSmall'
  | 'tooLarge'
  | 'tooEarly'
  | 'tooLate'
  | 'choice'
  | 'tooFew'
  | 'tooMany'
  | 'checked'
  | 'file'
  | 'fileType'
  | 'fileEmpty'
  | 'fileTooLarge'
  | 'tooManyFiles'
  | 'several';

/** The message of each rule. */
export const ruleTexts: Readonly<Record<FormRule, FormText>> = {
  required: 'Please fill in this field.',
  tooShort: ['Please use at least {count} character.', 'Please use at least {count} characters.'],
  tooLong: ['Please use at most {count} character.', 'Please use at most {count} characters.'],
  characters: 'This contains a character that cannot be used here.',
  pattern: 'Please use the requested format.',
  email: 'Please enter an email address, such as name@example.com.',
  integer: 'Please enter a whole number in digits.',
  decimal: 'Please enter a number, such as 2.5.',
  digits: ['Please use at most {count} digit.', 'Please use at most {count} digits.'],
  places: ['Please use at most {count} decimal place.', 'Please use at most {count} decimal places.'],
  date: 'Please enter a date that exists, such as 2026-12-31.',
  time: 'Please enter a time, such as 14:30.',
  tooSmall: 'Please enter {min} or more.',
  tooLarge: 'Please enter {max} or less.',
  tooEarly: 'Please enter {min} or later.',
  tooLate: 'Please enter {max} or earlier.',
  choice: 'Please choose one of the options.',
  tooFew: ['Please choose at least {count} option.', 'Please choose at least {count} options.'],
  tooMany: ['Please choose at most {count} option.', 'Please choose at most {count} options.'],
  checked: 'Please check this box.',
  file: 'Please choose a file.',
  fileType: 'This type of file is not accepted.',
  fileEmpty: 'This file is empty.',
  fileTooLarge: 'This file is too large. Please choose one of at most {size}.',
  tooManyFiles: ['Please choose at most {count} file.', 'Please choose at most {count} files.'],
  several: 'This field was sent more than once. Please send the form again.',
};

/** Texts that are no messages. */
export const pageTexts = {
  summary: 'Please check what you entered:',
  optional: '(optional)',
  choose: 'Please choose',
  submit: 'Send',
} as const;
