/** The language of a form without the setting `locale`. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { formRequest } from '../../../test/support/web/form-request.ts';
import { readHtml, withId } from '../../../test/support/web/rendered-form.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { choiceField } from './choice-field.ts';
import type { FormOptions } from './form-options.ts';
import { Form } from './form.ts';
import { textField } from './text-field.ts';

class Order extends Form.of({
  size: choiceField({ label: 'Size', choices: ['s', 'm'] }),
  note: textField({ label: 'Note', required: false, maxLength: 3 }),
  name: textField({ label: 'Name', messages: { required: 'We need a name.' } }),
}) {}

/** Answers with an empty order, by its errors. */
async function postOrder(t: TestContext, language: string | undefined, options: FormOptions = {}): Promise<Response> {
  class Page extends RequestHandler {
    async post(): Promise<void> {
      const form = new Order(this, options);
      await form.validate();
      this.write(form.html());
    }
  }
  const served = await serve(t, [['/', Page]]);
  const body = new URLSearchParams({ note: 'long', name: '' });
  const headers: Record<string, string> = language === undefined ? {} : { 'Accept-Language': language };
  return served.get('/', { method: 'POST', body, headers });
}

test("without the setting locale, Gale's own texts are in the language of the reader, and are marked with it", async (t) => {
  for (const [language, lang, texts] of [
    [
      'zh-CN,zh;q=0.9,en;q=0.8',
      'zh-CN',
      ['请选择', '请检查您填写的内容：', '请最多输入 3 个字符。', '（选填）', '提交'],
    ],
    ['de, zh-Hant-HK;q=0.5', 'zh-CN', ['请选择', '请检查您填写的内容：', '请最多输入 3 个字符。', '（选填）', '提交']],
    ['de', 'en', ['Please choose', 'Please use at most 3 characters.', '(optional)', 'Send']],
    ['en-GB, zh;q=0.5', 'en', ['Please choose', 'Please use at most 3 characters.', '(optional)', 'Send']],
    [undefined, 'en', ['Please choose', 'Please use at most 3 characters.', '(optional)', 'Send']],
  ] as const) {
    const response = await postOrder(t, language);
    assert.equal(response.headers.get('vary'), 'Accept-Language');
    const html = await response.text();
    const marked = readHtml(html).filter(({ attributes }) => attributes['lang'] === lang);
    for (const text of texts)
      assert.ok(
        marked.some((element) => element.text === text),
        `${language}: ${text}`,
      );
    // Texts of the application are those of the page.
    assert.equal(withId(html, 'form-name-error').text, 'We need a name.');
    assert.equal(withId(html, 'form-name-error').attributes['lang'], undefined);
    assert.ok(html.includes('>Name: We need a name.</a>'), html);
    assert.ok(html.includes(`>Note: <span lang="${lang}">`), html);
  }
});

test('a form with a language of its own does not depend on the reader', async (t) => {
  for (const options of [{ language: 'en' }, { translate: (text: string) => text }]) {
    const response = await postOrder(t, 'zh-CN', options);
    assert.equal(response.headers.get('vary'), null);
    const html = await response.text();
    assert.ok(html.includes('Please use at most 3 characters.'));
    assert.ok(!html.includes('lang='));
  }
  class Chinese extends Form.of({ name: textField({ label: '名字' }) }, { language: 'zh-CN' }) {}
  assert.ok(new Chinese(formRequest()).html().includes('提交'));
  assert.throws(() => Form.of({}, { language: 'no language' }), {
    code: 'OPTION_VALUE',
    message: 'language must be a BCP 47 tag such as "en" or "zh-CN"; got "no language".',
  });
});

test('a text of the application beside one of Gale is not marked with the language of the reader', async () => {
  const request = { headers: { get: () => 'zh-CN' } };
  const form = new Order({ ...formRequest(), request, phase: 'started' });
  await form.validate();
  form.addError('Ours.', { field: 'note' });
  assert.equal(withId(form.html(), 'form-size-error').attributes['lang'], 'zh-CN');
  assert.equal(withId(form.html(), 'form-note-error').attributes['lang'], undefined);
  form.addError('Ours too.', { field: 'size' });
  assert.equal(withId(form.html(), 'form-size-error').attributes['lang'], undefined);
});

test('a form after the head was sent has the language of the reader', async (t) => {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      this.write('<p>');
      await this.flush();
      this.write(new Order(this).html());
    }
  }
  const served = await serve(t, [['/', Page]]);
  assert.match(await (await served.get('/', { headers: { 'Accept-Language': 'zh' } })).text(), /提交/);
});
