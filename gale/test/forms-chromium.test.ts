/** Forms in Chromium: accessible names and descriptions, the focus, and values that come back as they were filled in. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { seeFocus, violations } from '../../chat/test/support/accessibility.ts';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { dateField, timeField } from '../src/web/forms/calendar-field.ts';
import { checkboxField } from '../src/web/forms/checkbox-field.ts';
import { choiceField, multipleChoiceField } from '../src/web/forms/choice-field.ts';
import { fileField } from '../src/web/forms/file-field.ts';
import { Form } from '../src/web/forms/form.ts';
import { decimalField, integerField } from '../src/web/forms/number-field.ts';
import { emailField, hiddenField, passwordField, textareaField, textField } from '../src/web/forms/text-field.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { programsOf, startProgram } from './support/document-program.ts';
import { formRequest } from './support/web/form-request.ts';
import { serve } from './support/web/web-server.ts';

const choices = ['a', 'b"c', '<d>', "e'&amp;", ' f ', '中'] as const;

const fields = {
  text: textField({ label: 'Text', hint: 'One line', required: false }),
  area: textareaField({ label: 'Area', required: false }),
  email: emailField({ label: 'E-mail' }),
  integer: integerField({ label: 'Integer', hint: 'A whole number' }),
  decimal: decimalField({ label: 'Decimal' }),
  date: dateField({ label: 'Date' }),
  time: timeField({ label: 'Time', seconds: true }),
  select: choiceField({ label: 'Select', choices }),
  radio: choiceField({ label: 'Radio', hint: 'One of these', choices, display: 'radio' }),
  boxes: multipleChoiceField({ label: 'Boxes', choices, required: true }),
  list: multipleChoiceField({ label: 'List', choices, display: 'select' }),
  box: checkboxField({ label: 'Box', required: true }),
  raw: textareaField({ label: 'Lines', required: false, raw: true }),
  hidden: hiddenField(),
};

class Everything extends Form.of(fields) {}
class Upload extends Form.of({
  ...fields,
  password: passwordField({ label: 'Password', minLength: 8 }),
  file: fileField({ label: 'File', accept: ['image/png'] }),
}) {}

const page = (html: string): string =>
  `<!doctype html><html lang="en"><title>Form</title><main><h1>Form</h1>${html}</main></html>`;

class UploadHandler extends RequestHandler {
  get(): void {
    this.write(page(new Upload(this).html()));
  }
  async post(): Promise<void> {
    const form = new Upload(this);
    if (await form.validate()) this.write({ ...form.values, file: form.values.file.filename });
    else this.write(page(form.html()));
  }
}

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

test('every input has its label, hint and error, and the first wrong one the focus', async (t) => {
  const served = await serve(t, [['/', UploadHandler]], { xsrfCookies: true });
  const shown = await browser.newPage();
  await shown.goto(`http://127.0.0.1:${served.port}/`);
  assert.deepEqual(await violations(shown), []);
  await shown.getByLabel('Text').fill('kept <b>');
  await shown.getByLabel('E-mail').fill('ann@example.com');
  await shown.getByLabel('Password').fill('short');
  // The browser does not validate by itself.
  await shown.getByRole('button', { name: 'Send' }).click();
  await shown.getByRole('alert').waitFor();
  assert.deepEqual(await violations(shown), []);
  await seeFocus(shown, '#form-integer');
  const nodes = await accessibleNodes(shown);
  const described = (role: string, name: string): string | undefined =>
    nodes.find((node) => node.role === role && node.name === name)?.description;
  assert.equal(described('textbox', 'Integer'), 'Please fill in this field. A whole number');
  assert.equal(described('textbox', 'Text (optional)'), 'One line');
  assert.equal(described('textbox', 'E-mail'), '');
  assert.equal(described('radiogroup', 'Radio'), 'Please choose one of the options. One of these');
  assert.equal(described('group', 'Boxes'), 'Please choose at least 1 option.');
  assert.equal(described('checkbox', 'Box'), 'Please check this box.');
  assert.equal(described('textbox', 'Password'), 'Please use at least 8 characters.');
  assert.equal(await shown.getByLabel('Text').inputValue(), 'kept <b>');
  assert.equal(await shown.getByLabel('Password').inputValue(), '');
  // The summary leads to each field.
  for (const [name, id] of [
    ['Radio:', 'form-radio-0'],
    ['Box:', 'form-box'],
    ['File:', 'form-file'],
  ] as const) {
    await shown.getByRole('alert').getByRole('link', { name }).click();
    assert.equal(await shown.evaluate(() => document.activeElement?.id), id);
  }
  await shown.close();
});

test('a complete form with a file is sent from the keyboard, and arrives', async (t) => {
  const served = await serve(t, [['/', UploadHandler]], { xsrfCookies: true });
  const shown = await browser.newPage();
  await shown.goto(`http://127.0.0.1:${served.port}/`);
  await shown.getByLabel('Area').fill('one\ntwo');
  await shown.getByLabel('E-mail').fill(' ann@example.com ');
  await shown.getByLabel('Integer').fill('42');
  await shown.getByLabel('Decimal').fill('-2.50');
  await shown.getByLabel('Date').fill('2026-02-28');
  await shown.getByLabel('Time').fill('14:30:15');
  await shown.getByLabel('Select').selectOption('b"c');
  await shown.getByLabel("e'&amp;").first().check();
  await shown.getByRole('group', { name: 'Boxes' }).getByLabel('中').check();
  await shown.getByLabel('List').selectOption(['a', ' f ']);
  await shown.getByLabel('Box', { exact: true }).check();
  await shown.getByLabel('Password').fill('  spaces  ');
  const buffer = Buffer.from('PNG');
  await shown.getByLabel('File').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
  await shown.getByLabel('Text').press('Enter');
  await shown.waitForFunction(() => document.body.textContent?.startsWith('{'));
  assert.deepEqual(JSON.parse((await shown.textContent('body')) ?? ''), {
    area: 'one\ntwo',
    email: 'ann@example.com',
    integer: 42,
    decimal: -2.5,
    date: '2026-02-28',
    time: '14:30:15',
    select: 'b"c',
    radio: "e'&amp;",
    boxes: ['中'],
    list: ['a', ' f '],
    box: true,
    password: '  spaces  ',
    file: 'photo.png',
  });
  await shown.close();
});

test('an error of the whole form gives the focus to the summary', async (t) => {
  const served = await serve(t, [['/', () => page(new Everything(formRequest()).addError('Try later.').html())]]);
  const shown = await browser.newPage();
  await shown.goto(`http://127.0.0.1:${served.port}/`);
  await seeFocus(shown, '[role=alert]');
  assert.equal(await shown.getByRole('alert').innerText(), 'Try later.');
  await shown.close();
});

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('"', "'", '<', '>', '&', ';', '\n', ' ', 'x', '#', '1', '3'), maxLength: 30 }),
  fc.constantFrom('</textarea><script>document.title = 1</script>', '"><img src=x onerror="document.title = 1">'),
);
const pad = (number: number, digits = 2): string => String(number).padStart(digits, '0');
const several = fc.subarray([...choices]);
const anyValues = fc.record({
  text: anyText,
  area: anyText,
  email: fc.constantFrom('ann@example.com', "o'neil+x@b.example"),
  integer: fc.maxSafeInteger(),
  decimal: fc.integer({ min: -99_999, max: 99_999 }).map((number) => number / 1000),
  date: fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([year, month, day]) => `${pad(year, 4)}-${pad(month)}-${pad(day)}`),
  time: fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map((part) => pad(part)).join(':')),
  select: fc.constantFrom(...choices),
  radio: fc.constantFrom(...choices),
  boxes: several.filter((chosen) => chosen.length > 0),
  list: several,
  box: fc.constant(true),
  raw: anyText,
  hidden: anyText,
});

/** What a field makes of a text without control characters. */
const tidy = (value: string): string | undefined => value.trim() || undefined;

test('any values come back from Chromium as they were filled in', async (t) => {
  let received: Everything | undefined;
  class Receiver extends RequestHandler {
    get(): void {
      this.write(page(''));
    }
    async post(): Promise<void> {
      received = new Everything(this);
      await received.validate();
    }
  }
  const served = await serve(t, [['/', Receiver]]);
  const shown = await browser.newPage();
  await shown.goto(`http://127.0.0.1:${served.port}/`);
  await fc.assert(
    fc.asyncProperty(anyValues, fc.boolean(), async (values, isMultipart) => {
      const html = new Everything(formRequest()).fillFrom(values).html();
      const title = await shown.evaluate(
        async ([text = '', multipart]) => {
          document.body.innerHTML = text;
          const form = document.querySelector('form');
          if (form === null) throw new Error('There is no form');
          const data = new FormData(form);
          const body = multipart === '' ? new URLSearchParams(data as unknown as Record<string, string>) : data;
          await fetch('/', { method: 'POST', body });
          return document.title;
        },
        [html, isMultipart ? 'yes' : ''],
      );
      assert.equal(title, 'Form');
      assert.deepEqual(received?.errors, []);
      assert.deepEqual(received?.values, {
        ...values,
        text: tidy(values.text.replaceAll(/\n+/g, ' ')),
        area: tidy(values.area),
        integer: values.integer + 0,
        decimal: values.decimal + 0,
        raw: values.raw || undefined,
        hidden: values.hidden || undefined,
      });
    }),
    { numRuns: 60 },
  );
  await shown.close();
});

test('the pages of the guide are accessible, in light and dark colors', async (t) => {
  const [program = ''] = await programsOf('docs/guide/forms.md');
  const { port } = await startProgram(t, program);
  for (const colorScheme of ['light', 'dark'] as const) {
    const shown = await browser.newPage({ colorScheme, viewport: { width: 360, height: 740 } });
    await shown.goto(`http://localhost:${port}/login`);
    await seeFocus(shown, '#form-name');
    assert.deepEqual(await violations(shown), []);
    await shown.goto(`http://localhost:${port}/register`);
    await shown.getByLabel('Name').fill('Ada');
    await shown.getByLabel('Password', { exact: true }).fill('long enough');
    await shown.getByLabel('Password again').fill('something else');
    await shown.getByRole('button').click();
    await shown.getByRole('alert').waitFor();
    await seeFocus(shown, '#form-again');
    assert.deepEqual(await violations(shown), []);
    assert.ok(await shown.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways');
    await shown.close();
  }
});

interface AccessibleNode {
  readonly role: string;
  readonly name: string;
  readonly description: string;
}

/** The accessibility tree as Chromium gives it to screen readers. */
async function accessibleNodes(shown: Page): Promise<readonly AccessibleNode[]> {
  const session = await shown.context().newCDPSession(shown);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.map(({ role, name, description }) => ({
    role: textOf(role),
    name: textOf(name),
    description: textOf(description),
  }));
}

function textOf(value: { readonly value?: unknown } | undefined): string {
  return String(value?.value ?? '');
}
