/** Attributes of fields that assistive technology reads, and what a form shows again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formRequest } from '../../../test/support/web/form-request.ts';
import { readHtml, withId } from '../../../test/support/web/rendered-form.ts';
import { timeField } from './calendar-field.ts';
import { checkboxField } from './checkbox-field.ts';
import { choiceField, multipleChoiceField } from './choice-field.ts';
import { fileField } from './file-field.ts';
import { Form } from './form.ts';
import { hiddenField, textField } from './text-field.ts';

class Choose extends Form.of({
  size: choiceField({ label: 'Size', choices: ['s', 'm'], display: 'radio' }),
  colors: multipleChoiceField({ label: 'Colors', choices: ['red', 'blue'], required: true }),
  extras: multipleChoiceField({ label: 'Extras', choices: ['a', 'b'] }),
  news: checkboxField({ label: 'News' }),
}) {}

test('in a group of radio buttons the group is invalid, in a group of checkboxes each of them', async () => {
  const form = new Choose(formRequest());
  await form.validate();
  const html = form.html();
  const invalidIds = readHtml(html)
    .filter(({ attributes }) => attributes['aria-invalid'] === 'true')
    .map(({ attributes }) => attributes['id']);
  assert.deepEqual(invalidIds, ['form-size', 'form-colors-0', 'form-colors-1']);
});

test('of a group only the first input has the focus', async () => {
  const form = new Choose(formRequest());
  await form.validate();
  const focusedIds = readHtml(form.html())
    .filter(({ attributes }) => 'autofocus' in attributes)
    .map(({ attributes }) => attributes['id']);
  assert.deepEqual(focusedIds, ['form-size-0']);
});

test('a select that starts with a value does not offer none, unless none is a value too', () => {
  const form = new (Form.of({
    size: choiceField({ label: 'Size', choices: ['s', 'm'] }),
    color: choiceField({ label: 'Color', choices: ['red'], required: false }),
  }))(formRequest());
  const select = (id: string): unknown => {
    const elements = readHtml(form.html());
    const of = elements.find(({ attributes }) => attributes['id'] === id)!;
    const values = elements.filter(({ parent }) => parent === of).map(({ attributes }) => attributes['value']);
    return { isRequired: 'required' in of.attributes, values };
  };
  assert.deepEqual(select('form-size'), { isRequired: true, values: ['', 's', 'm'] });
  form.fillFrom({ size: 'm', color: 'red' });
  assert.deepEqual(select('form-size'), { isRequired: false, values: ['s', 'm'] });
  assert.deepEqual(select('form-color'), { isRequired: false, values: ['', 'red'] });
});

test('a select that was sent a value it does not offer starts with none', async () => {
  const form = new (Form.of({ size: choiceField({ label: 'Size', choices: ['s', 'm'] }) }))(formRequest({ size: 'x' }));
  await form.validate();
  assert.match(form.html(), /<option value="" selected>Please choose</);
});

test('a field for which nothing is a value too is not marked as optional', () => {
  class Mixed extends Form.of({ ...Choose.fields, note: textField({ label: 'Note', required: false }) }) {}
  const html = new Mixed(formRequest()).html();
  assert.equal(html.split('(optional)').length, 2);
  assert.match(withId(html, 'form').text, /Note \(optional\)/);
});

test('an error of a hidden field is in every summary, because nothing else shows it', async () => {
  const fields = { name: textField({ label: 'Name' }), step: hiddenField({ maxLength: 2 }) };
  const form = new (Form.of(fields, { summary: false }))(formRequest({ name: '', step: '123' }));
  await form.validate();
  assert.match(form.summaryHtml(), /<li>Please use at most 2 characters\.<\/li>/);
  assert.doesNotMatch(form.summaryHtml(), /fill in/);
});

test('errors are found once, and fillFrom does not change what was sent', async () => {
  const form = new (Form.of({ name: textField({ label: 'Name', maxLength: 2 }) }))(formRequest({ name: 'Ann' }));
  assert.deepEqual([await form.validate(), await form.validate()], [false, false]);
  assert.equal(form.errors.length, 1);
  assert.equal(form.fillFrom({ name: 'Bo' }).field('name').text, 'Ann');
});

test('a text that is cut to be shown again does not end with half of a character', async () => {
  const form = new (Form.of({ name: textField({ label: 'Name', maxLength: 2 }) }))(
    formRequest({ name: `abc${'😀'.repeat(1_000)}` }),
  );
  await form.validate();
  assert.equal(form.field('name').text, 'abc\uFFFD');
});

test('browsers show the seconds of a time only if they are wanted', () => {
  const fields = { short: timeField({ label: 'Short' }), exact: timeField({ label: 'Exact', seconds: true }) };
  const html = new (Form.of(fields))(formRequest()).html();
  assert.equal(withId(html, 'form-short').attributes['step'], undefined);
  assert.equal(withId(html, 'form-exact').attributes['step'], '1');
});

test('a form cannot send files by GET, and an input has no event handlers and no choices that browsers change', () => {
  assert.throws(() => Form.of({ photo: fileField({ label: 'Photo' }) }, { method: 'get' }), {
    code: 'OPTION_VALUE',
    message: 'method must be "post" for the file field photo, which must not be in a URL; got "get".',
  });
  assert.throws(() => textField({ label: 'Name', attributes: { onclick: 'alert(1)' } }), {
    code: 'OPTION_VALUE',
    message: /^attributes must be names in lower case other than .* and event handlers; got "onclick"\.$/,
  });
  assert.throws(() => choiceField({ label: 'Size', choices: ['\uD800'] }), { code: 'OPTION_VALUE' });
});
