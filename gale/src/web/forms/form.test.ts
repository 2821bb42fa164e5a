import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { formRequest } from '../../../test/support/web/form-request.ts';
import { readHtml, submit, withId, type RenderedElement } from '../../../test/support/web/rendered-form.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { loadTranslations } from '../locale/load-translations.ts';
import { checkboxField } from './checkbox-field.ts';
import { choiceField, multipleChoiceField } from './choice-field.ts';
import { fileField } from './file-field.ts';
import { Form } from './form.ts';
import { integerField } from './number-field.ts';
import { emailField, hiddenField, passwordField, textareaField, textField } from './text-field.ts';

class Register extends Form.of({
  name: textField({ label: 'Name', hint: 'Everybody sees it.', maxLength: 10, autocomplete: 'username' }),
  password: passwordField({ label: 'Password', minLength: 3, autocomplete: 'new-password' }),
  again: passwordField({ label: 'Again', autocomplete: 'new-password' }),
  age: integerField({ label: 'Age', required: false }),
  next: hiddenField(),
}) {
  override check(): void {
    if (this.values.password !== this.values.again) this.addError('The passwords differ.', { field: 'again' });
  }
}

const good = { name: ' Ann ', password: ' abc ', again: ' abc ', age: '', next: '/' };

const named = (html: string, name: string): RenderedElement => {
  const found = readHtml(html).find(({ attributes }) => attributes['name'] === name);
  assert.ok(found, `no element has the name ${name}`);
  return found;
};
const messages = (form: { readonly errors: readonly { field: string | undefined; message: string }[] }): string[] =>
  form.errors.map(({ field, message }) => `${field}: ${message}`);

test('valid fields become typed values', async () => {
  const form = new Register(formRequest({ ...good, admin: 'on' }));
  assert.equal(await form.validate(), true);
  assert.equal(await form.validate(), true);
  assert.deepEqual(form.values, { name: 'Ann', password: ' abc ', again: ' abc ', age: undefined, next: '/' });
  assert.deepEqual(form.errors, []);
});

test('wrong fields have one message each, and there are no values', async () => {
  const form = new Register(formRequest({ name: 'x'.repeat(11), password: 'ab', age: 'many' }));
  assert.throws(() => form.values, { code: 'WEB_FORM' });
  assert.equal(await form.validate(), false);
  assert.deepEqual(messages(form), [
    'name: Please use at most 10 characters.',
    'password: Please use at least 3 characters.',
    'again: Please fill in this field.',
    'age: Please enter a whole number in digits.',
  ]);
  assert.equal(form.errors[0]?.rule, 'tooLong');
  assert.throws(() => form.values, {
    code: 'WEB_FORM',
    message: 'values of a form were read before validate() returned true.',
  });
});

test('fields are checked together when each of them is valid', async () => {
  const form = new Register(formRequest({ ...good, again: 'abcd' }));
  assert.equal(await form.validate(), false);
  assert.deepEqual(messages(form), ['again: The passwords differ.']);
  assert.throws(() => form.values, { code: 'WEB_FORM' });
  const wrong = new Register(formRequest({ ...good, name: '', again: 'abcd' }));
  assert.equal(await wrong.validate(), false);
  assert.deepEqual(messages(wrong), ['name: Please fill in this field.']);
});

test('values cannot be read after a check that failed', async () => {
  class Broken extends Form.of({ name: textField({ label: 'Name' }) }) {
    override async check(): Promise<void> {
      assert.equal(this.values.name, 'Ann');
      await Promise.reject(new Error('The database is gone'));
    }
  }
  const form = new Broken(formRequest({ name: 'Ann' }));
  await assert.rejects(form.validate(), { message: 'The database is gone' });
  assert.throws(() => form.values, { code: 'WEB_FORM' });
});

test('each label, hint and error belongs to its input', async () => {
  const form = new Register(formRequest({ name: 'x'.repeat(11) }));
  await form.validate();
  const html = form.html();
  const name = named(html, 'name');
  assert.equal(name.attributes['aria-invalid'], 'true');
  assert.equal(name.attributes['autocomplete'], 'username');
  assert.equal(name.attributes['value'], 'x'.repeat(11));
  const described = (name.attributes['aria-describedby'] ?? '').split(' ').map((id) => withId(html, id).text);
  assert.deepEqual(described, ['Please use at most 10 characters.', 'Everybody sees it.']);
  for (const field of ['name', 'password', 'again', 'age']) {
    const { id } = named(html, field).attributes;
    assert.equal(readHtml(html).filter(({ attributes }) => attributes['for'] === id).length, 1, field);
  }
  const ids = readHtml(html).flatMap(({ attributes }) => attributes['id'] ?? []);
  assert.equal(new Set(ids).size, ids.length);
});

test('the summary links to the fields, and the first wrong field has the focus', async () => {
  const form = new Register(formRequest({ ...good, password: 'ab', again: '' }));
  await form.validate();
  const elements = readHtml(form.html());
  const links = elements.filter(({ name }) => name === 'a');
  assert.deepEqual(
    links.map(({ text, attributes }) => [text, attributes['href']]),
    [
      ['Password: Please use at least 3 characters.', '#form-password'],
      ['Again: Please fill in this field.', '#form-again'],
    ],
  );
  const focused = elements.filter(({ attributes }) => 'autofocus' in attributes);
  assert.deepEqual(
    focused.map(({ attributes }) => attributes['name']),
    ['password'],
  );
});

test('an error of the whole form gives the focus to the summary', async () => {
  const form = new Register(formRequest(good));
  await form.validate();
  form.addError('Too many attempts. Wait {count} seconds.', { values: { count: 1200 } });
  const elements = readHtml(form.html());
  const [focused, ...others] = elements.filter(({ attributes }) => 'autofocus' in attributes);
  assert.deepEqual(others, []);
  assert.equal(focused?.attributes['role'], 'alert');
  assert.equal(focused?.attributes['tabindex'], '-1');
  assert.equal(focused?.text, 'Too many attempts. Wait 1,200 seconds.');
  assert.deepEqual(form.values.name, 'Ann');
});

test('an error of the whole form can give the focus to a field, which refers to the summary', async () => {
  const form = new Register(formRequest(good));
  await form.validate();
  form.addError('The name or the password is wrong.', { focus: 'password' });
  const html = form.html();
  const focusedNames = (): unknown[] =>
    readHtml(form.html())
      .filter(({ attributes }) => 'autofocus' in attributes)
      .map(({ attributes }) => attributes['name']);
  assert.deepEqual(focusedNames(), ['password']);
  assert.equal(named(html, 'password').attributes['aria-describedby'], 'form-errors');
  assert.ok(!('aria-invalid' in named(html, 'password').attributes));
  assert.equal(withId(html, 'form-errors').text, 'The name or the password is wrong.');
  assert.equal(named(html, 'name').attributes['aria-describedby'], 'form-name-hint');
  form.addError('This name is taken.', { field: 'name' });
  assert.deepEqual(focusedNames(), ['name'], 'a wrong field takes precedence');
  assert.throws(() => form.addError('No.', { focus: 'next' }), {
    code: 'OPTION_VALUE',
    message: 'focus must be a field that is shown; got "next".',
  });
});

test('the summary has a title only if it lists errors of fields', async () => {
  const title = 'Please check what you entered:';
  const form = new Register(formRequest(good)).addError('Try later.').addError('Really.');
  assert.ok(!form.summaryHtml().includes(title));
  assert.ok(form.summaryHtml().includes('<p>Try later.</p>\n<p>Really.</p>'));
  form.addError('Too short.', { field: 'name' });
  assert.ok(form.summaryHtml().includes(title));
});

test('without errors the field with autofocus has the focus, and there is no summary', () => {
  const form = new (Form.of({ a: textField({ label: 'A' }), b: textField({ label: 'B', autofocus: true }) }))(
    formRequest(),
  );
  const html = form.html();
  assert.ok('autofocus' in named(html, 'b').attributes);
  assert.ok(!('autofocus' in named(html, 'a').attributes));
  assert.equal(form.summaryHtml(), '');
});

test('what was typed is kept, except passwords', async () => {
  const texts = { ...good, name: '"><script>alert(1)</script>', password: '<secret>', again: '<secret2>', age: '&lt;' };
  const form = new Register(formRequest(texts));
  assert.equal(await form.validate(), false);
  const html = form.html();
  assert.deepEqual(submit(html), [
    ['next', '/'],
    ['name', texts.name],
    ['password', ''],
    ['again', ''],
    ['age', '&lt;'],
  ]);
  assert.ok(!html.includes('secret'));
});

test('a form is filled from an object, and what was sent has precedence', async () => {
  const row: object = { name: 'Ann', password: 'secret', age: 7, next: null, createdAt: new Date() };
  const empty = new Register(formRequest()).fillFrom(row);
  assert.deepEqual(Object.fromEntries(submit(empty.html())), {
    name: 'Ann',
    password: '',
    again: '',
    age: '7',
    next: '',
  });
  class Settings extends Form.of({
    color: choiceField({ label: 'Color', choices: ['red', 'blue'], display: 'radio' }),
    tags: multipleChoiceField({ label: 'Tags', choices: ['a', 'b'] }),
    news: checkboxField({ label: 'News' }),
    about: textareaField({ label: 'About' }),
  }) {}
  const values = { color: 'blue', tags: ['b'], news: true, about: '\n<b>\n' } as const;
  const filled = new Settings(formRequest()).fillFrom(values);
  const texts = [
    ['color', 'blue'],
    ['tags', 'b'],
    ['news', 'on'],
    ['about', '<b>'],
  ];
  assert.deepEqual(submit(filled.html()), texts);
  // Nothing is checked in what was sent.
  const sent = new Settings(formRequest({ about: 'x' })).fillFrom(values);
  assert.equal(await sent.validate(), false);
  assert.deepEqual(submit(sent.html()), [['about', 'x']]);
});

test('a form is filled from the getters of an object, and not from the methods of every object', () => {
  class Row {
    get name(): string {
      return 'Ann';
    }
  }
  class Odd extends Form.of({ name: textField({ label: 'a' }), constructor: textField({ label: 'b' }) }) {}
  const form = new Odd(formRequest()).fillFrom(new Row() as object);
  assert.deepEqual(submit(form.html()), [
    ['name', 'Ann'],
    ['constructor', ''],
  ]);
});

test('fillFrom refuses a value of another type, and names the field', () => {
  class Any extends Form.of({
    name: textField({ label: 'a' }),
    news: checkboxField({ label: 'a' }),
    tags: multipleChoiceField({ label: 'a', choices: ['a'] }),
  }) {}
  for (const [values, message] of [
    [{ name: 5 }, 'name must be a string; got 5.'],
    [{ news: 'on' }, 'news must be true or false; got "on".'],
    [{ tags: 'a' }, 'tags must be an array of strings; got "a".'],
  ] as const) {
    assert.throws(() => new Any(formRequest()).fillFrom(values as never), { code: 'OPTION_VALUE', message });
  }
});

test('schemas check one field or all together, and their outputs are the values', async () => {
  class Booking extends Form.of(
    {
      from: integerField({ label: 'From' }),
      to: integerField({ label: 'To', schema: z.number().max(100, 'Too far.') }),
      code: textField({ label: 'Code', schema: z.string().transform((text) => text.length) }),
    },
    {
      schema: z
        .object({ from: z.number(), to: z.number(), code: z.number() })
        .refine(({ from, to }) => from <= to, { path: ['to'], message: 'To is before from.' })
        .refine(({ code }) => code !== 13, 'Unlucky.')
        .transform((values) => ({ ...values, nights: values.to - values.from })),
    },
  ) {}
  const valid = new Booking(formRequest({ from: '1', to: '3', code: 'abcd' }));
  assert.equal(await valid.validate(), true);
  assert.deepEqual(valid.values, { from: 1, to: 3, code: 4, nights: 2 });
  for (const [fields, expected] of [
    [{ from: '1', to: '101', code: 'a' }, ['to: Too far.']],
    [{ from: '5', to: '3', code: 'a' }, ['to: To is before from.']],
    [{ from: '1', to: '3', code: 'x'.repeat(13) }, ['undefined: Unlucky.']],
  ] as const) {
    const form = new Booking(formRequest(fields));
    assert.equal(await form.validate(), false);
    assert.deepEqual(messages(form), expected);
  }
});

test('a check of a field may be async, and is not called for an empty one', async () => {
  const checked: string[] = [];
  class Names extends Form.of({
    name: textField({
      label: 'Name',
      required: false,
      check: async (name) => {
        checked.push(await Promise.resolve(name));
        return name === 'taken' ? 'This name is taken.' : undefined;
      },
    }),
  }) {}
  assert.equal(await new Names(formRequest({ name: '' })).validate(), true);
  assert.equal(await new Names(formRequest({ name: 'free' })).validate(), true);
  const taken = new Names(formRequest({ name: 'taken' }));
  assert.equal(await taken.validate(), false);
  assert.deepEqual(messages(taken), ['name: This name is taken.']);
  assert.deepEqual(checked, ['free', 'taken']);
  class Broken extends Form.of({ name: textField({ label: 'Name', check: (() => false) as never }) }) {}
  await assert.rejects(new Broken(formRequest({ name: 'a' })).validate(), {
    code: 'OPTION_VALUE',
    message: 'Result of check of the field name must be a message or undefined; got false.',
  });
});

test('a schema that fails is an error of the server that names the field', async () => {
  const schema = { '~standard': { version: 1, vendor: 'test', validate: () => 5 } } as never;
  class Broken extends Form.of({ name: textField({ label: 'Name', schema }) }) {}
  await assert.rejects(new Broken(formRequest({ name: 'a' })).validate(), {
    code: 'WEB_SCHEMA',
    message: 'The schema of field name must return a value or a list of issues; got 5.',
  });
});

test('labels, hints and messages are in the language of the reader', async () => {
  const words: Readonly<Record<string, string>> = { Name: '名字', 'Everybody sees it.': '所有人都能看到。' };
  const translate = (text: string): string => words[text] ?? text;
  const form = new Register(formRequest({ name: '' }), { language: 'zh-CN', translate });
  await form.validate();
  const html = form.html();
  for (const text of ['名字', '所有人都能看到。', '请填写此项。', '（选填）', '提交'])
    assert.ok(html.includes(text), text);
  const locale = { code: 'zh-CN', translate };
  const application = { locales: {} };
  const fromHandler = new Register({ ...formRequest({ name: '' }), application, locale });
  await fromHandler.validate();
  assert.equal(fromHandler.html(), html);
});

test('a form is in the language of the browser if the application has locales', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-forms-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, 'zh_CN.csv'),
    'Name,名字\n"Please use at most {count} characters.","最多 {count} 个字！","plural"\n',
  );
  const translations = await loadTranslations(folder);
  const served = await serve(t, [['/', Login]], { locale: { translations, fallback: 'en' } });
  const post = async (language: string): Promise<string> => {
    const body = new URLSearchParams({ name: 'x'.repeat(11), password: 'ab' });
    const response = await served.get('/', { method: 'POST', body, headers: { 'Accept-Language': language } });
    assert.equal(response.headers.get('vary'), 'Accept-Language');
    return response.text();
  };
  const chinese = await post('zh-CN');
  for (const text of ['名字', '最多 10 个字！', '请至少输入 3 个字符。', '请填写此项。'])
    assert.ok(chinese.includes(text), text);
  const english = await post('fr');
  for (const text of ['Name', 'at most 10 characters.', 'at least 3 characters.'])
    assert.ok(english.includes(text), text);
});

test('a field can have its own messages', async () => {
  const messagesOf = { required: 'Please choose a name.', tooLong: 'Only {count}, please.' };
  class Named extends Form.of({ name: textField({ label: 'Name', maxLength: 3, messages: messagesOf }) }) {}
  for (const [name, message] of [
    ['', 'Please choose a name.'],
    ['abcd', 'Only 3, please.'],
  ] as const) {
    const form = new Named(formRequest({ name }));
    await form.validate();
    assert.deepEqual(messages(form), [`name: ${message}`]);
  }
});

function translate(text: string): string {
  return text.startsWith('Send') ? '提交' : text;
}

test('labels of the choices of one form are data: only those of the definition are translated', () => {
  const choices = { send: 'Send {count}' };
  const fields = {
    room: choiceField({ label: 'Room', choices }),
    rooms: multipleChoiceField({ label: 'Rooms', choices }),
  };
  class Move extends Form.of(fields) {}
  const form = new Move(formRequest({}), { translate });
  assert.equal(form.html().match(/提交/g)?.length, 3);
  const own = new Move(formRequest({}), { translate });
  own.setChoices('room', choices).setChoices('rooms', choices);
  assert.equal(own.html().match(/Send \{count\}/g)?.length, 2);
});

test('choices of one form are offered and accepted in that form only', async () => {
  class Move extends Form.of({ room: choiceField({ label: 'Room', choices: [] as readonly string[] }) }) {}
  const form = new Move(formRequest({ room: 'a"b' })).setChoices('room', { 'a"b': 'Lobby <1>' });
  assert.equal(await form.validate(), true);
  assert.deepEqual(submit(form.html()), [['room', 'a"b']]);
  const other = new Move(formRequest({ room: 'a"b' }));
  assert.equal(await other.validate(), false);
  assert.throws(() => new Register(formRequest()).setChoices('name', ['a']), {
    code: 'OPTION_VALUE',
    message: 'field must be the name of a choiceField or multipleChoiceField; got "name".',
  });
});

test('a form is written in parts', async () => {
  const form = new Register(formRequest({ ...good, name: '' }), { id: 'r', action: '/register?a=1&b=2' });
  await form.validate();
  const name = form.field('name');
  assert.equal(name.labelHtml(), '<label for="r-name"><span>Name</span></label>');
  assert.equal(name.hintHtml(), '<p class="field-hint" id="r-name-hint">Everybody sees it.</p>');
  assert.equal(name.errorHtml(), '<p class="field-error" id="r-name-error">Please fill in this field.</p>');
  assert.equal(named(name.inputHtml(), 'name').attributes['aria-describedby'], 'r-name-error r-name-hint');
  assert.deepEqual([name.id, name.label, name.error, name.text], ['r-name', 'Name', 'Please fill in this field.', '']);
  const { attributes } = withId(`${form.openHtml()}</form>`, 'r');
  assert.equal(attributes['action'], '/register?a=1&b=2');
  assert.equal(attributes['method'], 'post');
  assert.ok('novalidate' in attributes);
  assert.throws(() => form.field('nope' as never), {
    code: 'OPTION_VALUE',
    message: 'field must be one of name, password, again, age, next; got "nope".',
  });
});

test('a search form is sent by GET, reads the query, and has no token', async (t) => {
  class Search extends Form.of(
    {
      q: textField({ label: 'Words', type: 'search' }),
      exact: textField({ label: 'Exactly', raw: true, required: false }),
    },
    { method: 'get', id: 'search' },
  ) {}
  class Page extends RequestHandler {
    async get(): Promise<void> {
      const form = new Search(this);
      if (await form.validate()) this.write(form.values);
      else this.write(form.html());
    }
  }
  const served = await serve(t, [['/', Page]], { xsrfCookies: true });
  assert.deepEqual(await (await served.get('/?q=%20a+b&exact=+c%09')).json(), { q: 'a b', exact: ' c\t' });
  const html = await (await served.get('/')).text();
  assert.ok(!html.includes('_xsrf'));
  const twice = await (await served.get('/?q=a&q=b')).text();
  assert.ok(twice.includes('This field was sent more than once.'));
});

class Login extends RequestHandler {
  get(): void {
    this.write(new Register(this).html());
  }
  async post(): Promise<void> {
    const form = new Register(this);
    if (await form.validate()) this.write({ values: form.values });
    else {
      this.setStatus(422);
      this.write(form.html());
    }
  }
}

test('a form goes to the browser, back with its XSRF token, and again with its errors', async (t) => {
  const served = await serve(t, [['/', Login]], { xsrfCookies: true });
  const page = await served.get('/');
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const entries = new Map(submit(await page.text()));
  assert.ok(entries.has('_xsrf'));
  for (const [name, value] of Object.entries(good)) entries.set(name, value);
  const post = (fields: Iterable<[string, string]>): Promise<Response> =>
    served.get('/', { method: 'POST', body: new URLSearchParams([...fields]), headers: { cookie } });
  assert.deepEqual(await (await post(entries)).json(), {
    values: { name: 'Ann', password: ' abc ', again: ' abc ', next: '/' },
  });
  const wrong = await post(entries.set('name', 'too long a name'));
  assert.equal(wrong.status, 422);
  const again = new Map(submit(await wrong.text()));
  assert.equal(again.get('name'), 'too long a name');
  assert.ok(again.has('_xsrf'));
  entries.delete('_xsrf');
  assert.equal((await post(entries)).status, 403);
  await served.expectLine(/XSRF/i);
});

test('a form with files is multipart, and its files are values', async (t) => {
  class Upload extends Form.of({
    title: textField({ label: 'Title' }),
    photo: fileField({ label: 'Photo', accept: ['image/png'], maxBytes: 10 }),
  }) {}
  class Photos extends RequestHandler {
    get(): void {
      this.write(new Upload(this).html());
    }
    async post(): Promise<void> {
      const { title, photo } = await new Upload(this).read();
      this.write({ title, photo: photo.filename, bytes: (await photo.bytes()).length });
    }
  }
  const served = await serve(t, [['/', Photos]]);
  const html = await (await served.get('/')).text();
  assert.ok(html.includes('enctype="multipart/form-data"'));
  const post = async (photo: Blob | undefined, filename = 'a.png'): Promise<unknown> => {
    const body = new FormData();
    body.set('title', 'Sea');
    if (photo !== undefined) body.set('photo', photo, filename);
    const response = await served.get('/', { method: 'POST', body, headers: { Accept: 'application/json' } });
    const json = (await response.json()) as { errors?: unknown };
    return response.status === 422 ? json.errors : json;
  };
  const type = 'image/png';
  assert.deepEqual(await post(new Blob(['PNG'], { type })), { title: 'Sea', photo: 'a.png', bytes: 3 });
  for (const [photo, message] of [
    [undefined, 'Please choose a file.'],
    [new Blob(['x'.repeat(11)], { type }), 'This file is too large. Please choose one of at most 10 byte.'],
    [new Blob(['<html>'], { type: 'text/html' }), 'This type of file is not accepted.'],
  ] as const) {
    assert.deepEqual(await post(photo), [{ path: 'photo', message }]);
  }
});

test('read() is 422 with the messages for clients that read JSON', async (t) => {
  class Api extends RequestHandler {
    async post(): Promise<void> {
      this.write({ name: (await new Register(this).read()).name });
    }
  }
  const served = await serve(t, [['/', Api]]);
  const post = (body: BodyInit): Promise<Response> =>
    served.get('/', { method: 'POST', body, headers: { Accept: 'application/json' } });
  assert.deepEqual(await (await post(new URLSearchParams(good))).json(), { name: 'Ann' });
  const wrong = await post(new URLSearchParams({ ...good, again: 'x' }));
  assert.equal(wrong.status, 422);
  const { errors } = (await wrong.json()) as { errors: unknown };
  assert.deepEqual(errors, [{ path: 'again', message: 'The passwords differ.' }]);
});

test('refuses bodies that are no form, texts that are not UTF-8 and more than maxArguments fields', async (t) => {
  const served = await serve(t, [['/', Login]]);
  const post = async (body: string, type = 'application/x-www-form-urlencoded'): Promise<[number, unknown]> => {
    const headers = { 'Content-Type': type, Accept: 'application/json' };
    const response = await served.get('/', { method: 'POST', body, headers });
    return [response.status, ((await response.json()) as { detail?: unknown }).detail];
  };
  assert.equal((await post('{"name":"Ann"}', 'application/json'))[0], 415);
  assert.deepEqual(await post('name=%ff'), [400, 'The argument "name" is not UTF-8.']);
  await served.expectLine(/Argument name is not UTF-8/);
  const fields = Array.from({ length: 10_000 }, (_, index) => `name${index}=x`).join('&');
  assert.deepEqual(await post(fields), [400, 'The query or the form has more than 1000 arguments.']);
  await served.expectLine(/More than 1000 arguments/);
});

const microsecondsOf = async (count: number): Promise<number> => {
  const fields = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`field${index}`, emailField({ label: `Field ${index}` })]),
  );
  const form = new (Form.of(fields))(formRequest({ field7: 'ann@example.com' }));
  const before = process.cpuUsage().user;
  assert.equal(await form.validate(), false);
  assert.equal(form.errors.length, count - 1);
  const html = form.html();
  const used = process.cpuUsage().user - before;
  assert.equal(submit(html).length, count);
  return used;
};

test('a form with many wrong fields takes time in proportion to their number', async () => {
  await microsecondsOf(50);
  assert.ok((await microsecondsOf(500)) < 200_000);
});
