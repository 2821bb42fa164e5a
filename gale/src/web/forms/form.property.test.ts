/**
 * Any values that fill in a form come back the same when a browser sends it, and any texts that a client sends are escaped. fast-check
 * prints the seed of a failure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formRequest } from '../../../test/support/web/form-request.ts';
import { readHtml, submit } from '../../../test/support/web/rendered-form.ts';
import { dateField, timeField } from './calendar-field.ts';
import { checkboxField } from './checkbox-field.ts';
import { choiceField, multipleChoiceField } from './choice-field.ts';
import { Form } from './form.ts';
import { decimalField, integerField } from './number-field.ts';
import { hiddenField, passwordField, textareaField, textField } from './text-field.ts';

const choices = ['a', 'b"c', '<d>', "e'&amp;", ' f ', '中'] as const;
const required = false;

class Everything extends Form.of({
  text: textField({ label: 'Text', required }),
  area: textareaField({ label: 'Area', required }),
  integer: integerField({ label: 'Integer' }),
  decimal: decimalField({ label: 'Decimal' }),
  date: dateField({ label: 'Date' }),
  time: timeField({ label: 'Time', seconds: true }),
  select: choiceField({ label: 'Select', choices }),
  radio: choiceField({ label: 'Radio', choices, display: 'radio' }),
  boxes: multipleChoiceField({ label: 'Boxes', choices }),
  list: multipleChoiceField({ label: 'List', choices, display: 'select' }),
  box: checkboxField({ label: 'Box' }),
  raw: textareaField({ label: 'Raw', required, raw: true }),
  hidden: hiddenField(),
}) {}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('"', "'", '<', '>', '&', ';', '\r', '\n', ' ', '\t', '\0', '#', 'x', '1', '3'),
    maxLength: 60,
  }),
  fc.constantFrom(
    '</textarea><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '&#13;&amp;quot;',
    '{count}',
    '\n\n',
  ),
);
const pad = (number: number, digits = 2): string => String(number).padStart(digits, '0');
const several = fc.subarray([...choices]);
const one = fc.constantFrom(...choices);

const anyValues = fc.record({
  text: anyText,
  area: anyText,
  integer: fc.maxSafeInteger(),
  decimal: fc
    .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat({ max: 10 }))
    .map(([n, places]) => n / 10 ** places),
  date: fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([year, month, day]) => `${pad(year, 4)}-${pad(month)}-${pad(day)}`),
  time: fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map((part) => pad(part)).join(':')),
  select: one,
  radio: one,
  boxes: several,
  list: several,
  box: fc.boolean(),
  raw: anyText,
  hidden: anyText,
});

/** What a field makes of any text: browsers and the fields change line breaks, control characters and white space. */
const tidy = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- Matches control characters.
    .replaceAll(/[\0-\x08\x0e-\x1f]/g, ' ')
    .trim();
const orNothing = (text: string): string | undefined => (text === '' ? undefined : text);

const collect = (entries: readonly (readonly [string, string])[]): Record<string, string[]> => {
  const fields: Record<string, string[]> = {};
  for (const [name, value] of entries) (fields[name] ??= []).push(value);
  return fields;
};

test('any values come back from a browser as they were filled in', async () => {
  await fc.assert(
    fc.asyncProperty(anyValues, async (values) => {
      const html = new Everything(formRequest()).fillFrom(values).html();
      const form = new Everything(formRequest(collect(submit(html))));
      const isValid = await form.validate();
      // NUL cannot be in HTML.
      const wrong = (['raw', 'hidden'] as const).filter((name) => values[name].includes('\0'));
      if (wrong.length > 0) {
        assert.deepEqual(
          form.errors.map(({ field }) => field),
          wrong,
        );
        return;
      }
      assert.ok(isValid, JSON.stringify(form.errors));
      assert.deepEqual(form.values, {
        ...values,
        text: orNothing(tidy(values.text.replaceAll(/[\r\n]+/g, ' '))),
        area: orNothing(tidy(values.area.replaceAll(/\r\n?/g, '\n'))),
        integer: values.integer + 0,
        decimal: values.decimal + 0,
        raw: orNothing(values.raw.toWellFormed().replaceAll(/\r\n?/g, '\n')),
        hidden: orNothing(values.hidden.toWellFormed().replaceAll(/\r\n?/g, '\n')),
      });
    }),
    { numRuns: 500 },
  );
});

const render = async (sent: Readonly<Record<string, readonly string[]>>): Promise<string> => {
  const form = new Everything(formRequest(sent));
  await form.validate();
  return form.html();
};

test('whatever a client sends is escaped, and sending the page again gives the same page', async () => {
  const names = [
    'text',
    'area',
    'integer',
    'decimal',
    'date',
    'time',
    'select',
    'radio',
    'boxes',
    'list',
    'box',
    'hidden',
  ];
  const anySent = fc.dictionary(fc.constantFrom(...names, 'other'), fc.array(anyText, { maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(anySent, async (fields) => {
      const html = await render(fields);
      readHtml(html);
      const again = await render(collect(submit(html)));
      assert.deepEqual(submit(again), submit(html));
    }),
    { numRuns: 500 },
  );
});

test('any texts of an application are escaped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        anyText.filter((text) => text !== ''),
        { minLength: 6, maxLength: 6 },
      ),
      async (texts) => {
        const [label = '', hint = '', message = '', option = '', submitText = '', placeholder = ''] = texts;
        const fields = {
          name: textField({ label, hint, attributes: { placeholder } }),
          choice: choiceField({ label, choices: { a: option }, display: 'radio' }),
          password: passwordField({ label, hint, messages: { required: message } }),
        };
        const form = new (Form.of(fields, { submit: submitText }))(formRequest(), { action: placeholder });
        await form.validate();
        form.addError(message).addError(message, { field: 'name' });
        const elements = readHtml(form.html());
        const shown = elements.find(({ attributes }) => attributes['id'] === 'form-name-hint')?.text;
        assert.equal(shown, hint.replaceAll(/\r\n?/g, '\n'));
        const input = elements.find(({ attributes }) => attributes['name'] === 'name');
        assert.equal(input?.attributes['placeholder'], placeholder);
      },
    ),
  );
});
