/** The texts of forms in simplified Chinese, by their English texts. Chinese has one form for all numbers. */
import { pageTexts, ruleTexts, type FormRule, type FormText } from './form-texts.ts';

const rules: Readonly<Record<FormRule, string>> = {
  required: '请填写此项。',
  tooShort: '请至少输入 {count} 个字符。',
  tooLong: '请最多输入 {count} 个字符。',
  characters: '此项含有不能使用的字符。',
  pattern: '请按要求的格式填写。',
  email: '请输入电子邮箱地址，例如 name@example.com。',
  integer: '请用数字输入一个整数。',
  decimal: '请输入一个数，例如 2.5。',
  digits: '请最多输入 {count} 位数字。',
  places: '请最多保留 {count} 位小数。',
  date: '请输入一个存在的日期，例如 2026-12-31。',
  time: '请输入时间，例如 14:30。',
  tooSmall: '请输入不小于 {min} 的数。',
  tooLarge: '请输入不大于 {max} 的数。',
  tooEarly: '请输入不早于 {min} 的值。',
  tooLate: '请输入不晚于 {max} 的值。',
  choice: '请选择列表中的一项。',
  tooFew: '请至少选择 {count} 项。',
  tooMany: '请最多选择 {count} 项。',
  checked: '请勾选此项。',
  file: '请选择文件。',
  fileType: '不接受这种类型的文件。',
  fileEmpty: '此文件是空的。',
  fileTooLarge: '此文件太大，请选择不超过 {size} 的文件。',
  tooManyFiles: '请最多选择 {count} 个文件。',
  several: '此项被重复提交，请重新提交表单。',
};

const page: Readonly<Record<keyof typeof pageTexts, string>> = {
  summary: '请检查您填写的内容：',
  optional: '（选填）',
  choose: '请选择',
  submit: '提交',
};

/** Chinese texts by their English texts; for a text with a plural, by its singular. Add them to the translations of your application. */
export const chineseFormTexts: Readonly<Record<string, string>> = Object.freeze({
  ...Object.fromEntries(Object.entries(rules).map(([rule, text]) => [keyOf(ruleTexts[rule as FormRule]), text])),
  ...Object.fromEntries(Object.entries(page).map(([name, text]) => [pageTexts[name as keyof typeof page], text])),
});

function keyOf(text: FormText): string {
  return typeof text === 'string' ? text : text[0];
}
