/** The values of a form have the types of its fields. Checked by tsc. */
import { z } from 'zod';
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';
import type { UploadedFile } from '../multipart/uploaded-file.ts';
import { dateField, timeField } from './calendar-field.ts';
import { checkboxField } from './checkbox-field.ts';
import { choiceField, multipleChoiceField } from './choice-field.ts';
import { fileField } from './file-field.ts';
import { Form } from './form.ts';
import { decimalField, integerField } from './number-field.ts';
import { emailField, hiddenField, passwordField, textareaField, textField } from './text-field.ts';

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
const isSame = <_ extends true>(): void => {};

class Profile extends Form.of({
  name: textField({ label: 'Name' }),
  nick: textField({ label: 'Nick', required: false }),
  about: textareaField({ label: 'About', required: false }),
  email: emailField({ label: 'E-mail', required: true }),
  password: passwordField({ label: 'Password' }),
  age: integerField({ label: 'Age' }),
  children: integerField({ label: 'Children', required: false }),
  height: decimalField({ label: 'Height', required: false }),
  birthday: dateField({ label: 'Birthday' }),
  alarm: timeField({ label: 'Alarm', required: false }),
  color: choiceField({ label: 'Color', choices: { red: 'Red', blue: 'Blue' } }),
  size: choiceField({ label: 'Size', choices: ['s', ['m', 'Medium']], required: false }),
  room: choiceField({ label: 'Room', choices: [] as readonly string[] }),
  tags: multipleChoiceField({ label: 'Tags', choices: ['a', 'b'] }),
  terms: checkboxField({ label: 'Terms', required: true }),
  news: checkboxField({ label: 'News' }),
  photo: fileField({ label: 'Photo', required: false }),
  papers: fileField({ label: 'Papers', multiple: true }),
  next: hiddenField(),
  code: textField({
    label: 'Code',
    schema: z.string().transform((text) => text.length),
    check: (length) => (length.toFixed() === '4' ? undefined : 'Wrong'),
  }),
}) {
  override check(): void {
    if (this.values.age > 5) this.addError('Too old', { field: 'age' });
    // @ts-expect-error -- No such field.
    this.addError('Too old', { field: 'Age' });
  }
}

class Range extends Form.of(
  { from: integerField({ label: 'From' }), to: integerField({ label: 'To' }) },
  { schema: z.object({ from: z.number(), to: z.number() }).transform(({ from, to }) => [from, to] as const) },
) {}

export class Typed extends RequestHandler {
  async post(): Promise<void> {
    const form = new Profile(this);
    const { values } = form;
    isSame<Same<typeof values.name, string>>();
    isSame<Same<typeof values.nick, string | undefined>>();
    isSame<Same<typeof values.about, string | undefined>>();
    isSame<Same<typeof values.email, string>>();
    isSame<Same<typeof values.password, string>>();
    isSame<Same<typeof values.age, number>>();
    isSame<Same<typeof values.children, number | undefined>>();
    isSame<Same<typeof values.height, number | undefined>>();
    isSame<Same<typeof values.birthday, string>>();
    isSame<Same<typeof values.alarm, string | undefined>>();
    isSame<Same<typeof values.color, 'red' | 'blue'>>();
    isSame<Same<typeof values.size, 's' | 'm' | undefined>>();
    isSame<Same<typeof values.room, string>>();
    isSame<Same<typeof values.tags, readonly ('a' | 'b')[]>>();
    isSame<Same<typeof values.terms, true>>();
    isSame<Same<typeof values.news, boolean>>();
    isSame<Same<typeof values.photo, UploadedFile | undefined>>();
    isSame<Same<typeof values.papers, readonly UploadedFile[]>>();
    isSame<Same<typeof values.next, string | undefined>>();
    isSame<Same<typeof values.code, number>>();
    const read = await form.read();
    isSame<Same<typeof read, typeof values>>();
    form.fillFrom({ name: 'Ann', children: 3, height: null, color: 'red', tags: ['a'], code: 'text' });
    const row: { readonly name: string; readonly id: number } = { name: 'Ann', id: 7 };
    form.fillFrom(row);
    // @ts-expect-error -- Not a number.
    form.fillFrom({ age: '3' });
    // @ts-expect-error -- Not one of the choices.
    form.fillFrom({ color: 'green' });
    // @ts-expect-error -- A password is never filled in.
    form.fillFrom({ password: 'secret' });
    // @ts-expect-error -- No such field.
    form.field('nope');
    // @ts-expect-error -- No such value.
    this.write(values.nope);
    const range = await new Range(this).read();
    isSame<Same<typeof range, readonly [number, number]>>();
  }
}

/** The second argument of a function is a handler too. */
export const app: unknown = new Application([
  [
    '/ranges/:id',
    {
      post: async (_, handler) => {
        const [from] = await new Range(handler).read();
        isSame<Same<typeof from, number>>();
        return String(from);
      },
    },
  ],
]);

export const wrong: readonly unknown[] = [
  // @ts-expect-error -- Without a label.
  textField({ maxLength: 3 }),
  // @ts-expect-error -- A misspelt option.
  textField({ label: 'a', maxlength: 3 }),
  // @ts-expect-error -- Not a field.
  Form.of({ name: 'text' }),
];
