import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property, record, string } from 'fast-check';
import { eventText } from './event-text.ts';

test('an event has one line for each field and line of data, and ends with an empty line', () => {
  assert.equal(eventText({ data: 'hi' }), 'data: hi\n\n');
  assert.equal(eventText({ data: '' }), 'data: \n\n');
  assert.equal(eventText({ data: 'a\nb\r\nc\rd\n' }), 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n');
  assert.equal(
    eventText({ event: 'price', id: 17, retry: 0, data: { now: 5, note: 'a\nb' } }),
    'event: price\nid: 17\nretry: 0\ndata: {"now":5,"note":"a\\nb"}\n\n',
  );
  assert.equal(eventText({ id: '' }), 'id: \n\n');
  assert.equal(eventText({ retry: 3000 }), 'retry: 3000\n\n');
});

test('other values than strings are sent as JSON', () => {
  for (const data of [null, true, 5, [1, 'two'], { three: 3 }]) {
    assert.equal(eventText({ data }), `data: ${JSON.stringify(data)}\n\n`);
  }
});

test('a field that would change the event is an error', () => {
  const wrong: readonly (readonly [event: object, code: string, message: RegExp])[] = [
    [{ data: 'x', event: 'a\nb' }, 'OPTION_VALUE', /^event must be a text without line ends and NUL; got "a\\nb"\.$/],
    [{ data: 'x', event: 'a\rb' }, 'OPTION_VALUE', /^event must/],
    [{ data: 'x', event: 'a\0' }, 'OPTION_VALUE', /^event must/],
    [{ data: 'x', event: '' }, 'OPTION_VALUE', /^event must be a string that is not empty/],
    [
      { event: 'done' },
      'OPTION_VALUE',
      /^data must be given with the field event, such as an empty text; got undefined\.$/,
    ],
    [{ data: 'x', id: 'a\nb' }, 'OPTION_VALUE', /^id must/],
    [{ data: 'x', id: '\0' }, 'OPTION_VALUE', /^id must/],
    [{ data: 'x', id: 1.5 }, 'OPTION_VALUE', /^id must be a string or an integer; got 1\.5\.$/],
    [{ retry: -1 }, 'OPTION_VALUE', /^retry must be an integer from 0/],
    [{ retry: '5' }, 'OPTION_VALUE', /^retry must be an integer from 0/],
    [{}, 'OPTION_VALUE', /^event must be an object with data, id or retry; got an empty object\.$/],
    [{ data: 'x', name: 'y' }, 'OPTION_UNKNOWN', /^Unknown event option name/],
    [{ data: Promise.resolve() }, 'WEB_BODY', /^data of an event must be .*; got a promise/],
    [{ data: { a: new Map([[1, 2]]) } }, 'WEB_BODY', /a Map at a/],
    [{ data: new Uint8Array(2) }, 'WEB_BODY', /bytes/],
    [{ data: 5n }, 'WEB_BODY', /BigInt/],
  ];
  for (const [event, code, message] of wrong) {
    assert.throws(() => eventText(event), { code, message }, JSON.stringify(Object.keys(event)));
  }
});

/** The parser of the specification, for whole streams: WHATWG HTML §9.2.6. */
function parseStream(text: string): { data: string; event: string; id: string }[] {
  const events: { data: string; event: string; id: string }[] = [];
  let [data, event, id] = ['', '', ''];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data !== '') events.push({ data: data.slice(0, -1), event: event || 'message', id });
      [data, event] = ['', ''];
      continue;
    }
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'data') data += `${value}\n`;
    else if (name === 'event') event = value;
    else if (name === 'id') id = value;
  }
  return events;
}

test('a browser reads from any events what was sent', () => {
  const oneLine = string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n\0]/.test(text));
  const text = string({ unit: constantFrom('a', ':', ' ', '\n', '\r', 'data: ', 'id', 'é', '😀') });
  forAll(
    property(array(record({ data: text, event: oneLine, id: oneLine })), (events) => {
      const received = parseStream(events.map((event) => eventText(event)).join(''));
      const expected = events.map(({ data, ...rest }) => ({ data: data.replaceAll(/\r\n|\r/g, '\n'), ...rest }));
      assert.deepEqual(received, expected);
    }),
  );
});
