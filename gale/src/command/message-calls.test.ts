import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property, string } from 'fast-check';
import { findInScript, findInTemplate, type FoundMessages } from './message-calls.ts';
import { scanScript } from './script-tokens.ts';

const shown = ({ messages, unknown }: FoundMessages): string[] => [
  ...messages.map(({ context, text, plural, place }) => [place, context ?? '-', text, plural ?? '-'].join('|')),
  ...unknown.map((place) => `${place}|?`),
];
const inScript = (source: string): string[] => shown(findInScript(source, 'a.ts'));
const inTemplate = (text: string): string[] => shown(findInTemplate({ path: 'a.html', name: 'a.html', text }));

test('finds the texts of a program with their lines', () => {
  assert.deepEqual(
    inScript(`
class Home extends RequestHandler<User> {
  override async get({ id }: { readonly id: string }): Promise<void> {
    const _ = this.locale.translate.bind(this.locale);
    this.write(_('Hello'));
    this.write(this.locale.translate("It's {name}", { name }));
    this.write(handler.locale?.translate(\`one {count}\`, 'many ' + "{count}", count as number));
    this.write(locale.pgettext('menu', 'Open') + pgettext(
      'files',
      'a file',
      'files',
      n,
    ));
    this.write(\`<p>\${_('inside \\u00e9\\n')} \${ { a: _('deep') }.a }</p>\`);
  }
}`),
    [
      'a.ts:5|-|Hello|-',
      "a.ts:6|-|It's {name}|-",
      'a.ts:7|-|one {count}|many {count}',
      'a.ts:8|menu|Open|-',
      'a.ts:8|files|a file|files',
      'a.ts:14|-|inside é\n|-',
      'a.ts:14|-|deep|-',
    ],
  );
});

test('reports a text that is no literal, and reads the rest', () => {
  assert.deepEqual(inScript("_(text); _('a' + b); _(`a ${b}`); _('a'); pgettext(c, 'x'); locale.translate(get())"), [
    'a.ts:1|-|a|-',
    'a.ts:1|?',
    'a.ts:1|?',
    'a.ts:1|?',
    'a.ts:1|?',
    'a.ts:1|?',
  ]);
  // A plural that is not known is left out: the text is.
  assert.deepEqual(inScript("_('a', plural, n)"), ['a.ts:1|-|a|-']);
});

test('finds the texts of more functions', () => {
  const { messages } = findInScript("t('a'); N_('b', 'bs', 2); x.t('c'); T('d')", 'a.ts', ['t', 'N_']);
  assert.deepEqual(
    messages.map(({ text, plural }) => [text, plural]),
    [
      ['a', undefined],
      ['b', 'bs'],
    ],
  );
});

test('other names, comments, texts and regular expressions are no calls', () => {
  for (const source of [
    "// _('a')",
    "/* _('a') */",
    '"_(\'a\')"',
    "`_('a')`",
    "/_('a')/.test(x)",
    "x = /[/'\"]_('a')/g",
    "lodash._('a')",
    "translate('a')",
    "word.translate('a')",
    'function _(text: string) {}',
    "__('a')",
    "_a('a')",
    '_',
    "_('')",
  ]) {
    assert.deepEqual(inScript(source), [], source);
  }
});

test('a slash that divides and a quote in a text do not hide what follows', () => {
  for (const source of [
    "a / b; _('x'); c / d",
    "(a) / 2; _('x') / 1",
    "a[0] / 2; _('x') // '",
    "x = a.b/c; y = `${a / b}`; _('x')",
    "return /'/.test(a) && _('x')",
    "if (/[']/.test(a)) _('x')",
    "// don't\n_('x')",
    "/* ' */ _('x')",
    "<p>Don't</p>\n_('x')",
    "`a ${\"`\"} ${`b ${c} '`} \\` '`; _('x')",
    "#private in a; this.#b / 2; _('x')",
    "1 / 2; 0x1f / 3n; _('x')",
  ]) {
    const [found] = inScript(source);
    assert.match(found ?? '', /\|-\|x\|-$/, source);
  }
});

test('finds the texts of a template in all its expressions', () => {
  assert.deepEqual(
    inTemplate(`{# _('comment') #}{% comment _('x') %}<p title="{{ _("Title") }}">
{{ _('one', 'many', n) }} {{! _('literal') }}
{% if _('if') === a %}{% elif locale.translate('elif') %}{% end %}{% for x in [_('in')] %}{% end %}
{% set a = pgettext('c', 'set') %}{% raw _('raw') %}{% module Entry(_('module')) %}{% block _ %}{% end %}
{% apply f(_('apply')) %}_('text'){% end %}{{
  a &&
  _('later line') }}{{ _(unknown) }}`),
    [
      'a.html:1|-|Title|-',
      'a.html:2|-|one|many',
      'a.html:3|-|if|-',
      'a.html:3|-|elif|-',
      'a.html:3|-|in|-',
      'a.html:4|c|set|-',
      'a.html:4|-|raw|-',
      'a.html:4|-|module|-',
      'a.html:5|-|apply|-',
      'a.html:7|-|later line|-',
      'a.html:7|?',
    ],
  );
  assert.throws(() => inTemplate('{{ _("a" }}'), { code: 'TEMPLATE_EXPRESSION' });
});

test('the scanner reads any text, with the line of each token', () => {
  const part = constantFrom(
    "'",
    '"',
    '`',
    '${',
    '}',
    '{',
    '/',
    '\\',
    '\n',
    'a',
    '_(',
    "'x'",
    ')',
    ' ',
    '//',
    '/*',
    '*/',
    '[',
  );
  forAll(
    property(array(part), string(), (parts, end) => {
      const source = parts.join('') + end;
      const lines = source.split('\n').length;
      let before = 1;
      for (const { line } of scanScript(source)) {
        assert.ok(line >= before && line <= lines);
        before = line;
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a text without ends is scanned in linear time', () => {
  for (const repeated of ['/a', "'", '`${', '/* ', '[', '\\', '/[']) {
    const start = performance.now();
    for (const _ of scanScript(repeated.repeat(100_000)));
    assert.ok(performance.now() - start < 5_000, repeated);
  }
});
