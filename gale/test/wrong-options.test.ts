/**
 * Wrong values for all public constructors and functions. Each is refused at the call, with an error that has a code, names the value
 * and says what it must be, before anything else is done.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as gale from 'gale';
import * as client from 'gale/client';
import * as forms from 'gale/forms';
import * as http from 'gale/http';
import * as links from 'gale/links';
import * as locale from 'gale/locale';
import * as middleware from 'gale/middleware';
import * as redis from 'gale/redis';
import * as sessionEntry from 'gale/sessions';
import { testApp } from 'gale/testing';
import * as web from 'gale/web';
import * as websocket from 'gale/websocket';
import { readExportedNames } from '../../docs/exported-names.ts';
import { resolveRoomsOptions } from '../src/rooms/rooms-options.ts';

const { Application, HttpServer, MemoryBroker, Rooms } = gale;
const { RoomsClient } = client;

/** A wrong call, with the code and the beginning of the message. */
type WrongCall = readonly [title: string, call: () => unknown, code: string, message: string];

/** A value that does not compile. */
const wrong = (value: unknown): never => value as never;

const url = 'ws://chat.test/';
const certificate = 'an object with cert and key, or pfx';
const redisUrl =
  'redis://name:password@host:port/database, rediss://… or unix:///path?db=number, with special characters in the password percent-encoded';
const levels = '"debug" or "info" or "warn" or "error" or "silent"';
const events =
  '"state" or "welcome" or "subscribed" or "unsubscribed" or "message" or "amended" or "dropped" or "stale" or "reset" or "published" or "delayed" or "refused" or "unknown" or "people" or "presence" or "read" or "signal" or "event" or "ended"';
const handshake = { key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: ['chat', 'news'], extensions: [] };
const server = (options: unknown): gale.HttpServer => new HttpServer(() => {}, wrong(options));
const close = async (options: unknown): Promise<void> => server({}).close(wrong(options));
const listen = async (...values: readonly unknown[]): Promise<unknown> =>
  (server({}).listen as (...given: readonly unknown[]) => Promise<unknown>)(...values);
const logger = (options: unknown): unknown => gale.createLogger(wrong(options));
const application = (settings: unknown): unknown => new Application([], wrong(settings));
const someRooms = (options: unknown): unknown => new Rooms(new MemoryBroker(), wrong(options));
const roomsClient = (options: object): client.RoomsClient => new RoomsClient({ url, ...options });
const secret = 's'.repeat(32);
const cookie = (options: unknown): string => gale.formatCookie('a', 'b', wrong(options));
const dict = new gale.DictLoader({ 'a.html': '{{ name }}' });

const tested = (app: unknown, options?: object): Promise<unknown> => testApp(wrong(app), options);

const label = 'Name';
const choices = ['a', 'b'];
const field = forms.textField({ label });

const wrongCalls: Readonly<Record<string, readonly WrongCall[]>> = {
  // gale/links
  splitLinks: [
    ['no text', () => links.splitLinks(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.'],
    [
      'a name',
      () => links.splitLinks('x', wrong({ web: true })),
      'OPTION_UNKNOWN',
      'Unknown splitLinks option web; the options are www.',
    ],
    ['www', () => links.splitLinks('x', wrong({ www: 1 })), 'OPTION_VALUE', 'www must be true or false; got 1.'],
  ],
  linkify: [
    ['no text', () => links.linkify(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.'],
    [
      'a name of Tornado',
      () => links.linkify('x', wrong({ require_protocol: true })),
      'OPTION_UNKNOWN',
      'Unknown linkify option require_protocol, use requireProtocol; the options are ',
    ],
    [
      'shorten',
      () => links.linkify('x', wrong({ shorten: 1 })),
      'OPTION_VALUE',
      'shorten must be true or false; got 1.',
    ],
    [
      'permittedProtocols',
      () => links.linkify('x', wrong({ permittedProtocols: ['ftp'] })),
      'OPTION_VALUE',
      'permittedProtocols must be an array of http, https, mailto; got ',
    ],
    [
      'attributes',
      () => links.linkify('x', { attributes: wrong('rel') }),
      'OPTION_VALUE',
      'attributes must be an object such as { rel: \'nofollow\' }, or a function that returns one; got "rel".',
    ],
  ],
  // gale/locale
  loadTranslations: [
    [
      'no folder',
      () => locale.loadTranslations(wrong(undefined)),
      'OPTION_VALUE',
      'folder must be the path of a folder, or its file: URL; got undefined.',
    ],
    [
      'a name',
      () => locale.loadTranslations('locale', wrong({ domains: 'x' })),
      'OPTION_UNKNOWN',
      'Unknown loadTranslations option domains; ',
    ],
    [
      'a text as a number',
      () => locale.loadTranslations('locale', { maxFiles: wrong('5') }),
      'OPTION_VALUE',
      'maxFiles must be an integer from 1 to 10000; got "5".',
    ],
  ],
  // gale/sessions
  sessions: [
    ['a name', () => sessionEntry.sessions(wrong({ maxAge: 1 })), 'OPTION_UNKNOWN', 'Unknown sessions option maxAge; '],
    ['null', () => sessionEntry.sessions(wrong(null)), 'OPTION_VALUE', 'sessions options must be an object; got null.'],
    ...(
      [
        ['idleMs', 999, '1000 to 315360000000'],
        ['absoluteMs', 0, '1000 to 315360000000'],
        ['renewAfterMs', 0, '1 to 1209600000'],
        ['maxPerPerson', 0, '1 to 1000'],
        ['maxBytes', 0, '1 to 16777216'],
        ['maxKeys', 0, '1 to 10000'],
      ] as const
    ).map(([name, value, range]): WrongCall => [
      name,
      () => sessionEntry.sessions({ [name]: value }),
      'OPTION_VALUE',
      `${name} must be an integer from ${range}; got ${value}.`,
    ]),
    [
      'a store',
      () => sessionEntry.sessions({ store: wrong(new Map()) }),
      'OPTION_VALUE',
      'store must be a store, such as new MemorySessionStore(); got an instance of Map.',
    ],
    [
      'a cookie',
      () => sessionEntry.sessions({ cookieName: 'a b' }),
      'OPTION_VALUE',
      'cookieName must be a token, such as session; got "a b".',
    ],
    [
      'a lifetime',
      () => sessionEntry.sessions({ cookie: wrong({ maxAge: 1 }) }),
      'OPTION_UNKNOWN',
      'Unknown cookie option maxAge; ',
    ],
    [
      'an insecure cookie',
      () => sessionEntry.sessions({ cookie: { sameSite: 'None' } }),
      'WEB_COOKIE',
      'Cookie "session" cannot be set: browsers drop a cookie with SameSite=None without Secure; ',
    ],
    [
      'onEnd',
      () => sessionEntry.sessions({ onEnd: wrong('close') }),
      'OPTION_VALUE',
      'onEnd must be a function; got "close".',
    ],
    [
      'endsWithBrowser',
      () => sessionEntry.sessions({ endsWithBrowser: wrong(1) }),
      'OPTION_VALUE',
      'endsWithBrowser must be true or false; got 1.',
    ],
  ],
  SqliteSessionStore: [
    [
      'a name',
      () => sessionEntry.SqliteSessionStore.open(wrong({ file: 'a' })),
      'OPTION_UNKNOWN',
      'Unknown SqliteSessionStore option file; ',
    ],
    [
      'no path',
      () => sessionEntry.SqliteSessionStore.open(wrong({})),
      'OPTION_VALUE',
      'path must be the path of a file; got undefined.',
    ],
  ],
  RedisSessionStore: [
    [
      'a name',
      () => redis.RedisSessionStore.open(wrong({ address: 'redis://127.0.0.1' })),
      'OPTION_UNKNOWN',
      'Unknown RedisSessionStore option address; ',
    ],
    [
      'no url',
      () => redis.RedisSessionStore.open(wrong({})),
      'OPTION_VALUE',
      `url must be ${redisUrl}; got undefined.`,
    ],
    [
      'a prefix',
      () => redis.RedisSessionStore.open({ url: 'redis://127.0.0.1:1', prefix: 'a b' }),
      'OPTION_VALUE',
      'prefix must be a string of 1 to 100 characters without braces and spaces; got "a b".',
    ],
    [
      'timeoutMs',
      () => redis.RedisSessionStore.open({ url: 'redis://127.0.0.1:1', timeoutMs: 1 }),
      'OPTION_VALUE',
      'timeoutMs must be an integer from 10 to 60000; got 1.',
    ],
  ],
  RingSessionStore: [
    [
      'a name',
      () => sessionEntry.RingSessionStore.open(wrong({ urls: [] })),
      'OPTION_UNKNOWN',
      'Unknown RingSessionStore option urls; ',
    ],
    [
      'no nodes',
      () => sessionEntry.RingSessionStore.open({ nodes: [] }),
      'OPTION_VALUE',
      'nodes must be an array of at least one node; got an array of 0.',
    ],
    [
      'no open',
      () => sessionEntry.RingSessionStore.open({ nodes: [wrong({ name: 'a' })] }),
      'OPTION_VALUE',
      'nodes[0].open must be a function; got undefined.',
    ],
    [
      'a weight',
      () => sessionEntry.RingSessionStore.open({ nodes: [{ name: 'a', weight: -1, open: wrong(String) }] }),
      'OPTION_VALUE',
      'nodes[0].weight must be a number from 0 to 1000000; got -1.',
    ],
    [
      'a name twice',
      () => sessionEntry.RingSessionStore.open({ nodes: [1, 2].map(() => ({ name: 'a', open: wrong(String) })) }),
      'OPTION_VALUE',
      'nodes must be names that differ; got "a".',
    ],
  ],
  MemorySessionStore: [
    [
      'a name',
      () => new sessionEntry.MemorySessionStore(wrong({ max: 1 })),
      'OPTION_UNKNOWN',
      'Unknown MemorySessionStore option max; ',
    ],
    [
      'maxSessions',
      () => new sessionEntry.MemorySessionStore({ maxSessions: 0 }),
      'OPTION_VALUE',
      'maxSessions must be an integer from 1 to 10000000; got 0.',
    ],
    [
      'maxBytes',
      () => new sessionEntry.MemorySessionStore({ maxBytes: 0.5 }),
      'OPTION_VALUE',
      'maxBytes must be an integer from 1 to 9007199254740991; got 0.5.',
    ],
  ],
  HashRing: [
    [
      'no list',
      () => new sessionEntry.HashRing(wrong('a')),
      'OPTION_VALUE',
      'nodes must be an array of names; got "a".',
    ],
    [
      'an empty name',
      () => new sessionEntry.HashRing(['a', '']),
      'OPTION_VALUE',
      'nodes[1] must be a string that is not empty; got "".',
    ],
    [
      'a name twice',
      () => new sessionEntry.HashRing(['a', 'a']),
      'OPTION_VALUE',
      'nodes must be names that differ; got "a".',
    ],
    [
      'a weight of no node',
      () => new sessionEntry.HashRing(['a'], { weights: { b: 1 } }),
      'OPTION_UNKNOWN',
      'weights has "b", which is not a node; add it to nodes.',
    ],
    [
      'a weight',
      () => new sessionEntry.HashRing(['a'], { weights: { a: -1 } }),
      'OPTION_VALUE',
      'weights["a"] must be a number from 0 to 1000000; got -1.',
    ],
  ],
  // gale/forms
  Form: [
    ['no fields', () => forms.Form.of(wrong([])), 'OPTION_VALUE', 'fields must be an object; got an array of 0.'],
    [
      'a name',
      () => forms.Form.of({ _xsrf: field }),
      'OPTION_VALUE',
      'fields must be names of 1 to 64 letters, digits, _ and - that begin with a letter; got "_xsrf".',
    ],
    [
      'a text as a field',
      () => forms.Form.of({ name: wrong('text') }),
      'OPTION_VALUE',
      'fields.name must be a field such as textField({ label }); got "text".',
    ],
    [
      'many fields',
      () => forms.Form.of(Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`a${index}`, field]))),
      'OPTION_VALUE',
      'fields must be at most 500 fields; got 501.',
    ],
    [
      'an option',
      () => forms.Form.of({}, wrong({ title: 'a' })),
      'OPTION_UNKNOWN',
      'Unknown form option title; the options are id, method, submit, summary, language, schema.',
    ],
    [
      'a method',
      () => forms.Form.of({}, { method: wrong('put') }),
      'OPTION_VALUE',
      'method must be "post" or "get"; got "put".',
    ],
    [
      'a password in a URL',
      () => forms.Form.of({ secret: forms.passwordField({ label }) }, { method: 'get' }),
      'OPTION_VALUE',
      'method must be "post" for the password field secret, which must not be in a URL; got "get".',
    ],
    [
      'an id',
      () => forms.Form.of({}, { id: 'a b' }),
      'OPTION_VALUE',
      'id must be a name of 1 to 64 letters, digits, _ and - that begins with a letter; got "a b".',
    ],
    [
      'a button',
      () => forms.Form.of({}, { submit: '' }),
      'OPTION_VALUE',
      'submit must be a string that is not empty; got "".',
    ],
    [
      'a summary',
      () => forms.Form.of({}, { summary: wrong('no') }),
      'OPTION_VALUE',
      'summary must be true or false; got "no".',
    ],
    [
      'a schema',
      () => forms.Form.of({}, { schema: wrong({}) }),
      'OPTION_VALUE',
      'schema must be a Standard Schema, such as one of Zod 4, Valibot or ArkType; got an empty object.',
    ],
    [
      'no class of Form.of',
      () => Reflect.construct(forms.Form, [{}]),
      'WEB_FORM',
      'A class of forms must extend Form.of({ … }).',
    ],
    [
      'no handler',
      () => new (forms.Form.of({}))(wrong(undefined)),
      'OPTION_VALUE',
      'handler must be an object; got undefined.',
    ],
    [
      'an option of one form',
      () => new (forms.Form.of({}))(wrong({}), wrong({ lang: 'en' })),
      'OPTION_UNKNOWN',
      'Unknown form option lang; the options are id, action, language, translate.',
    ],
    [
      'an id of one form',
      () => new (forms.Form.of({}))(wrong({}), { id: '' }),
      'OPTION_VALUE',
      'id must be a name of 1 to 64 letters, digits, _ and - that begins with a letter; got "".',
    ],
    [
      'a language',
      () => new (forms.Form.of({}))(wrong({}), { language: 'a_b' }),
      'OPTION_VALUE',
      'language must be a BCP 47 tag such as "en" or "zh-CN"; got "a_b".',
    ],
    [
      'translate',
      () => new (forms.Form.of({}))(wrong({}), { translate: wrong({}) }),
      'OPTION_VALUE',
      'translate must be a function; got an empty object.',
    ],
  ],
  textField: [
    [
      'a name',
      () => forms.textField(wrong({ label, length: 1 })),
      'OPTION_UNKNOWN',
      'Unknown textField option length; ',
    ],
    [
      'no options',
      () => forms.textField(wrong(undefined)),
      'OPTION_VALUE',
      'textField options must be an object; got un',
    ],
    ['no label', () => forms.textField(wrong({})), 'OPTION_VALUE', 'label must be a string that is not empty; got un'],
    [
      'a hint',
      () => forms.textField({ label, hint: '' }),
      'OPTION_VALUE',
      'hint must be a string that is not empty; got "".',
    ],
    [
      'required',
      () => forms.textField({ label, required: wrong('yes') }),
      'OPTION_VALUE',
      'required must be true or false; got "yes".',
    ],
    [
      'maxLength',
      () => forms.textField({ label, maxLength: 0 }),
      'OPTION_VALUE',
      'maxLength must be an integer from 1 to 1000000; got 0.',
    ],
    [
      'minLength',
      () => forms.textField({ label, minLength: 5, maxLength: 4 }),
      'OPTION_VALUE',
      'minLength must be an integer from 0 to 4; got 5.',
    ],
    [
      'a pattern',
      () => forms.textField({ label, pattern: /a/g }),
      'OPTION_VALUE',
      'pattern must be a regular expression without the flags g, m and y; got an instance of RegExp.',
    ],
    [
      'a type',
      () => forms.textField({ label, type: wrong('url') }),
      'OPTION_VALUE',
      'type must be "text" or "search" or "tel"; got "url".',
    ],
    [
      'autocomplete',
      () => forms.textField({ label, autocomplete: 'user-name' }),
      'OPTION_VALUE',
      'autocomplete must be a token of HTML such as "username", "new-password" or "email"; got "user-name".',
    ],
    [
      'autofocus',
      () => forms.textField({ label, autofocus: wrong(1) }),
      'OPTION_VALUE',
      'autofocus must be true or false; got 1.',
    ],
    [
      'an attribute that runs a script',
      () => forms.textField({ label, attributes: { onfocus: 'alert(1)' } }),
      'OPTION_VALUE',
      'attributes must be names in lower case other than id, name, type, value, required, checked, multiple, accept, autofocus, autocomplete, aria-invalid, aria-describedby and event handlers; got "onfocus".',
    ],
    [
      'the value of an attribute',
      () => forms.textField({ label, attributes: { rows: wrong(5) } }),
      'OPTION_VALUE',
      'attributes.rows must be a string; got 5.',
    ],
    [
      'a rule',
      () => forms.textField({ label, messages: wrong({ missing: 'a' }) }),
      'OPTION_UNKNOWN',
      'Unknown messages option missing; the options are required, tooShort, ',
    ],
    [
      'a message',
      () => forms.textField({ label, messages: { required: '' } }),
      'OPTION_VALUE',
      'messages.required must be a string that is not empty; got "".',
    ],
    [
      'a schema',
      () => forms.textField({ label, schema: wrong('text') }),
      'OPTION_VALUE',
      'schema must be a Standard Schema, such as one of Zod 4, Valibot or ArkType; got "text".',
    ],
    [
      'a check',
      () => forms.textField({ label, check: wrong(/a/) }),
      'OPTION_VALUE',
      'check must be a function; got an instance of RegExp.',
    ],
  ],
  textareaField: [
    [
      'a name',
      () => forms.textareaField(wrong({ label, cols: 1 })),
      'OPTION_UNKNOWN',
      'Unknown textareaField option cols; ',
    ],
    [
      'rows',
      () => forms.textareaField({ label, rows: 0 }),
      'OPTION_VALUE',
      'rows must be an integer from 1 to 100; got 0.',
    ],
    ['raw', () => forms.textareaField({ label, raw: wrong(1) }), 'OPTION_VALUE', 'raw must be true or false; got 1.'],
  ],
  passwordField: [
    [
      'a name',
      () => forms.passwordField(wrong({ label, pattern: /a/ })),
      'OPTION_UNKNOWN',
      'Unknown passwordField option ',
    ],
  ],
  emailField: [
    [
      'a name',
      () => forms.emailField(wrong({ label, maxLength: 5 })),
      'OPTION_UNKNOWN',
      'Unknown emailField option max',
    ],
  ],
  hiddenField: [
    ['null', () => forms.hiddenField(wrong(null)), 'OPTION_VALUE', 'hiddenField options must be an object; got null.'],
    [
      'a label',
      () => forms.hiddenField(wrong({ label: 5 })),
      'OPTION_VALUE',
      'label must be a string that is not empty; ',
    ],
  ],
  integerField: [
    [
      'a name',
      () => forms.integerField(wrong({ label, step: 5 })),
      'OPTION_UNKNOWN',
      'Unknown integerField option step',
    ],
    [
      'max',
      () => forms.integerField({ label, max: 2 ** 53 }),
      'OPTION_VALUE',
      'max must be an integer from -9007199254740991 to 9007199254740991; got 9007199254740992.',
    ],
    [
      'min',
      () => forms.integerField({ label, min: 5, max: 4 }),
      'OPTION_VALUE',
      'min must be an integer from -9007199254740991 to 4; got 5.',
    ],
  ],
  decimalField: [
    [
      'a name',
      () => forms.decimalField(wrong({ label, step: 5 })),
      'OPTION_UNKNOWN',
      'Unknown decimalField option step',
    ],
    [
      'places',
      () => forms.decimalField({ label, places: 16 }),
      'OPTION_VALUE',
      'places must be an integer from 0 to 15; got 16.',
    ],
    [
      'max',
      () => forms.decimalField({ label, max: Infinity }),
      'OPTION_VALUE',
      'max must be a number from -999999999999999 to 999999999999999; got Infinity.',
    ],
  ],
  dateField: [
    ['a name', () => forms.dateField(wrong({ label, step: 5 })), 'OPTION_UNKNOWN', 'Unknown dateField option step; '],
    [
      'min',
      () => forms.dateField({ label, min: '2026-02-30' }),
      'OPTION_VALUE',
      'min must be a date, such as 9999-12-31; got "2026-02-30".',
    ],
    [
      'a range',
      () => forms.dateField({ label, min: '2026-02-02', max: '2026-02-01' }),
      'OPTION_VALUE',
      'min must be at most max, 2026-02-01; got "2026-02-02".',
    ],
  ],
  timeField: [
    ['a name', () => forms.timeField(wrong({ label, step: 5 })), 'OPTION_UNKNOWN', 'Unknown timeField option step; '],
    [
      'max',
      () => forms.timeField({ label, max: '8:00' }),
      'OPTION_VALUE',
      'max must be a time without seconds, such as 23:59; got "8:00".',
    ],
    [
      'seconds',
      () => forms.timeField({ label, seconds: wrong('yes') }),
      'OPTION_VALUE',
      'seconds must be true or false; got "yes".',
    ],
  ],
  choiceField: [
    [
      'a name',
      () => forms.choiceField(wrong({ label, choices, rows: 5 })),
      'OPTION_UNKNOWN',
      'Unknown choiceField option r',
    ],
    [
      'no choices',
      () => forms.choiceField(wrong({ label })),
      'OPTION_VALUE',
      'choices must be an array of values or of pairs [value, label], or an object with a label for each value; got un',
    ],
    [
      'a number',
      () => forms.choiceField({ label, choices: wrong([5]) }),
      'OPTION_VALUE',
      'choices must be an array of values or of pairs [value, label], or an object with a label for each value; got an array of 1.',
    ],
    [
      'an empty value',
      () => forms.choiceField({ label, choices: [''] }),
      'OPTION_VALUE',
      'choices must be strings of 1 to 200 characters without control characters; got "".',
    ],
    [
      'a value twice',
      () => forms.choiceField({ label, choices: ['a', 'a'] }),
      'OPTION_VALUE',
      'choices must be values that differ; got an array of 2.',
    ],
    [
      'many choices',
      () => forms.choiceField({ label, choices: Array.from({ length: 10_001 }, (_, index) => `${index}`) }),
      'OPTION_VALUE',
      'choices must be at most 10000 choices; got an array of 10001.',
    ],
    [
      'display',
      () => forms.choiceField({ label, choices, display: wrong('list') }),
      'OPTION_VALUE',
      'display must be "select" or "radio"; got "list".',
    ],
  ],
  multipleChoiceField: [
    [
      'a name',
      () => forms.multipleChoiceField(wrong({ label, choices, max: 5 })),
      'OPTION_UNKNOWN',
      'Unknown multipleChoiceField option max; ',
    ],
    [
      'maxCount',
      () => forms.multipleChoiceField({ label, choices, maxCount: 0 }),
      'OPTION_VALUE',
      'maxCount must be an integer from 1 to 10000; got 0.',
    ],
    [
      'minCount',
      () => forms.multipleChoiceField({ label, choices, required: true, minCount: 0 }),
      'OPTION_VALUE',
      'minCount must be an integer from 1 to 10000; got 0.',
    ],
  ],
  checkboxField: [
    [
      'a name',
      () => forms.checkboxField(wrong({ label, value: 'a' })),
      'OPTION_UNKNOWN',
      'Unknown checkboxField option v',
    ],
  ],
  fileField: [
    [
      'a name',
      () => forms.fileField(wrong({ label, types: [] })),
      'OPTION_UNKNOWN',
      'Unknown fileField option types; ',
    ],
    [
      'accept',
      () => forms.fileField({ label, accept: ['png'] }),
      'OPTION_VALUE',
      'accept must be an array of types in lower case such as "image/png", "image/*" and ".pdf"; got an array of 1.',
    ],
    [
      'maxBytes',
      () => forms.fileField({ label, maxBytes: 0 }),
      'OPTION_VALUE',
      'maxBytes must be an integer from 1 to 9007199254740991; got 0.',
    ],
    [
      'maxCount',
      () => forms.fileField({ label, multiple: true, maxCount: 0 }),
      'OPTION_VALUE',
      'maxCount must be an integer from 1 to 10000; got 0.',
    ],
    [
      'multiple',
      () => forms.fileField({ label, multiple: wrong(2) }),
      'OPTION_VALUE',
      'multiple must be true or false; got 2.',
    ],
  ],
  // gale/middleware
  basicAuth: [
    ['a name', () => middleware.basicAuth(wrong({ user: {} })), 'OPTION_UNKNOWN', 'Unknown basicAuth option user; '],
    ['null', () => middleware.basicAuth(wrong(null)), 'OPTION_VALUE', 'basicAuth options must be an object; got null.'],
    ['nobody', () => middleware.basicAuth({}), 'OPTION_VALUE', 'users must be an object; got undefined.'],
    [
      'no users',
      () => middleware.basicAuth({ users: {} }),
      'OPTION_VALUE',
      'users must be an object with at least one name and password; got an empty object.',
    ],
    [
      'an empty password',
      () => middleware.basicAuth({ users: { ada: '' } }),
      'OPTION_VALUE',
      'users.ada must be a password that is not empty; got "string".',
    ],
    [
      'a colon',
      () => middleware.basicAuth({ users: { 'a:b': 'c' } }),
      'OPTION_VALUE',
      'users must be names without a colon, which ends the name; got "a:b".',
    ],
    [
      'a realm',
      () => middleware.basicAuth({ users: { a: 'b' }, realm: 'a "b"' }),
      'OPTION_VALUE',
      'realm must be printable ASCII without double quotes and backslashes; got',
    ],
    [
      'verify',
      () => middleware.basicAuth({ verify: wrong(true) }),
      'OPTION_VALUE',
      'verify must be a function; got true.',
    ],
    [
      'both',
      () => middleware.basicAuth({ users: { a: 'b' }, verify: () => true }),
      'OPTION_VALUE',
      'users must be omitted with verify; got an object with a.',
    ],
  ],
  compress: [
    ['a name', () => middleware.compress(wrong({ level: 1 })), 'OPTION_UNKNOWN', 'Unknown compress option level; '],
    [
      'a coding',
      () => middleware.compress({ codings: wrong(['deflate']) }),
      'OPTION_VALUE',
      'codings must be an array of zstd, br and gzip, each at most once; got an array of 1.',
    ],
    [
      'a coding twice',
      () => middleware.compress({ codings: ['br', 'br'] }),
      'OPTION_VALUE',
      'codings must be an array of zstd, br and gzip, each at most once; got an array of 2.',
    ],
    ...(
      [
        ['thresholdBytes', -1, '0 to 9007199254740991'],
        ['gzipLevel', 0, '1 to 9'],
        ['brotliQuality', 12, '0 to 11'],
        ['zstdLevel', 20, '1 to 19'],
        ['maxStreams', -1, '0 to 1000000'],
      ] as const
    ).map(([name, value, range]): WrongCall => [
      name,
      () => middleware.compress({ [name]: value }),
      'OPTION_VALUE',
      `${name} must be an integer from ${range}; got ${value}.`,
    ]),
  ],
  cors: [
    ['a name', () => middleware.cors(wrong({ origins: '*' })), 'OPTION_UNKNOWN', 'Unknown cors option origins'],
    [
      'no origin',
      () => middleware.cors(wrong({})),
      'OPTION_VALUE',
      "origin must be '*', an origin such as https://app.example, an array of origins, or a function; an origin has no path, also no slash at its end; got undefined.",
    ],
    [
      'an origin with a path',
      () => middleware.cors({ origin: ['https://app.example/'] }),
      'OPTION_VALUE',
      "origin must be '*', an origin such as https://app.example, an array of origins, or a function; an origin has no path, also no slash at its end; got",
    ],
    [
      'no origins',
      () => middleware.cors({ origin: [] }),
      'OPTION_VALUE',
      'origin must be an array with at least one origin; got an array of 0.',
    ],
    [
      'credentials for all',
      () => middleware.cors({ origin: '*', credentials: true }),
      'OPTION_VALUE',
      "credentials must be false with origin '*', or every site could act for the user; got true.",
    ],
    [
      'methods',
      () => middleware.cors({ origin: '*', methods: wrong('GET') }),
      'OPTION_VALUE',
      'methods must be an array of names; got "GET".',
    ],
    [
      'allowedHeaders',
      () => middleware.cors({ origin: '*', allowedHeaders: ['a b'] }),
      'OPTION_VALUE',
      'allowedHeaders must be an array of names; got an array of 1.',
    ],
    [
      'maxAgeSeconds',
      () => middleware.cors({ origin: '*', maxAgeSeconds: -1 }),
      'OPTION_VALUE',
      'maxAgeSeconds must be an integer from 0 to 86400; got -1.',
    ],
  ],
  rateLimit: [
    ['a name', () => middleware.rateLimit(wrong({ max: 1 })), 'OPTION_UNKNOWN', 'Unknown rateLimit option max; '],
    [
      'no limit',
      () => middleware.rateLimit(wrong({})),
      'OPTION_VALUE',
      'limit must be an integer from 1 to 1000000000; got undefined.',
    ],
    [
      'windowMs',
      () => middleware.rateLimit({ limit: 1, windowMs: 0 }),
      'OPTION_VALUE',
      'windowMs must be an integer from 1 to 86400000; got 0.',
    ],
    [
      'a policy',
      () => middleware.rateLimit({ limit: 1, name: 'a b' }),
      'OPTION_VALUE',
      'name must be a name of 1 to 64 letters, digits, dots, dashes and underscores; got "a b".',
    ],
    [
      'a key',
      () => middleware.rateLimit({ limit: 1, key: wrong('address') }),
      'OPTION_VALUE',
      'key must be a function; got "address".',
    ],
    [
      'a store',
      () => middleware.rateLimit({ limit: 1, store: wrong(new Map()) }),
      'OPTION_VALUE',
      'store must be an object with the method count; got an instance of Map.',
    ],
    [
      'maxKeys',
      () => middleware.rateLimit({ limit: 1, maxKeys: 0 }),
      'OPTION_VALUE',
      'maxKeys must be an integer from 1 to 10000000; got 0.',
    ],
  ],
  requireUser: [
    ['a name', () => middleware.requireUser(wrong({ user: 1 })), 'OPTION_UNKNOWN', 'Unknown requireUser option user; '],
    ['load', () => middleware.requireUser({ load: wrong(true) }), 'OPTION_VALUE', 'load must be a function; got true.'],
  ],
  requestId: [
    ['a name', () => middleware.requestId(wrong({ name: 'a' })), 'OPTION_UNKNOWN', 'Unknown requestId option name; '],
    [
      'a header',
      () => middleware.requestId({ header: 'a b' }),
      'OPTION_VALUE',
      'header must be the name of a header, such as X-Request-Id; got "a b".',
    ],
  ],
  securityHeaders: [
    [
      'a name',
      () => middleware.securityHeaders(wrong({ csp: {} })),
      'OPTION_UNKNOWN',
      'Unknown securityHeaders option csp; ',
    ],
    [
      'a policy',
      () => middleware.securityHeaders({ contentSecurityPolicy: wrong("default-src 'self'") }),
      'OPTION_VALUE',
      'contentSecurityPolicy must be an object; got',
    ],
    [
      'a directive',
      () => middleware.securityHeaders({ contentSecurityPolicy: { scriptSrc: "'self'" } }),
      'OPTION_VALUE',
      'A directive of contentSecurityPolicy must be a name such as script-src; got "scriptSrc".',
    ],
    [
      'a source',
      () => middleware.securityHeaders({ contentSecurityPolicy: { 'script-src': "'self'; img-src *" } }),
      'OPTION_VALUE',
      "contentSecurityPolicy.script-src must be false, a source such as 'self', or an array of sources without spaces",
    ],
    [
      'hstsMaxAgeSeconds',
      () => middleware.securityHeaders({ hstsMaxAgeSeconds: 0.5 }),
      'OPTION_VALUE',
      'hstsMaxAgeSeconds must be an integer from 0 to 2147483647; got 0.5.',
    ],
    [
      'reportOnly',
      () => middleware.securityHeaders({ reportOnly: wrong('yes') }),
      'OPTION_VALUE',
      'reportOnly must be true or false; got "yes".',
    ],
    [
      'referrerPolicy',
      () => middleware.securityHeaders({ referrerPolicy: wrong('none') }),
      'OPTION_VALUE',
      'referrerPolicy must be "strict-origin-when-cross-origin" or',
    ],
  ],
  // gale/web
  healthRoutes: [
    ['a name', () => web.healthRoutes(wrong({ check: {} })), 'OPTION_UNKNOWN', 'Unknown health option check; '],
    ['null', () => web.healthRoutes(wrong(null)), 'OPTION_VALUE', 'health options must be an object; got null.'],
    [
      'a check',
      () => web.healthRoutes({ checks: { database: wrong(true) } }),
      'OPTION_VALUE',
      'database must be a function; got true.',
    ],
  ],
  // gale
  createLogger: [
    ['a text', () => logger('loud'), 'OPTION_VALUE', 'logger options must be an object; got "loud".'],
    ['level', () => logger({ level: 'loud' }), 'OPTION_VALUE', `level must be ${levels}; got "loud".`],
    ['null as level', () => logger({ level: null }), 'OPTION_VALUE', `level must be ${levels}; got null.`],
    ['a name', () => logger({ lvl: 'warn' }), 'OPTION_UNKNOWN', 'Unknown logger option lvl; the options are level.'],
  ],
  runProgram: [
    ['no start', () => gale.runProgram(wrong(undefined)), 'OPTION_VALUE', 'start must be a function; got undefined.'],
    [
      'processes',
      () =>
        gale.runProgram(
          wrong(() => {}),
          { processes: -1 },
        ),
      'OPTION_VALUE',
      'processes must be an integer from 0 to 1024; got -1.',
    ],
    [
      'a name',
      () =>
        gale.runProgram(
          wrong(() => {}),
          wrong({ workers: 2 }),
        ),
      'OPTION_UNKNOWN',
      'Unknown program option workers; ',
    ],
  ],
  testApp: [
    [
      'no application',
      () => tested({}),
      'OPTION_VALUE',
      'app must be an Application or a function that returns one; got',
    ],
    [
      't',
      () => tested(null, { t: {} }),
      'OPTION_VALUE',
      't must be the context of a test, with the method after; got an',
    ],
    ['origin', () => tested(null, { origin: 'x' }), 'OPTION_VALUE', 'origin must be an origin without a path, such as'],
    [
      'time',
      () => tested(null, { time: -1 }),
      'OPTION_VALUE',
      'time must be a valid Date, or milliseconds since 1970; g',
    ],
    [
      'logLevel',
      () => tested(null, { logLevel: 'loud' }),
      'OPTION_VALUE',
      'logLevel must be "debug" or "info" or "warn"',
    ],
    [
      'a name',
      () => tested(null, { test: 1 }),
      'OPTION_UNKNOWN',
      'Unknown testApp option test; the options are t, time,',
    ],
  ],
  HttpServer: [
    ['no listener', () => new HttpServer(wrong(undefined)), 'OPTION_VALUE', 'listener must be a function; got und'],
    ['null', () => server(null), 'OPTION_VALUE', 'server options must be an object; got null.'],
    ['wheel', () => server({ wheel: 5 }), 'OPTION_VALUE', 'wheel must be a TimerWheel; got 5.'],
    ['an object as wheel', () => server({ wheel: {} }), 'OPTION_VALUE', 'wheel must be a TimerWheel; got an empty obj'],
    ['log', () => server({ log: 'warn' }), 'OPTION_VALUE', 'log must be an object with the methods debug, info, warn '],
    ['tls', () => server({ tls: {} }), 'OPTION_VALUE', `tls must be ${certificate}`],
    ['a name', () => server({ maxBody: 1 }), 'OPTION_UNKNOWN', 'Unknown server option maxBody; the options are '],
    ['no port', () => listen(), 'OPTION_VALUE', 'port must be an integer from 0 to 65535; got undefined.'],
    ['a text as port', () => listen('80'), 'OPTION_VALUE', 'port must be an integer from 0 to 65535; got "80".'],
    ['host', () => listen(0, 5), 'OPTION_VALUE', 'host must be a string; got 5.'],
    ['path', () => listen({ path: '' }), 'OPTION_VALUE', 'path must be the path of a Unix socket; got "".'],
    [
      'graceMs',
      () => close({ graceMs: '1' }),
      'OPTION_VALUE',
      'graceMs must be an integer from 0 to 2147483647; got "1',
    ],
    ['null to close', () => close(null), 'OPTION_VALUE', 'close options must be an object; got null.'],
    ['no TLS', () => server({}).setCertificate({}), 'OPTION_VALUE', 'The server does not use TLS; '],
  ],
  Application: [
    [
      'no routes',
      () => new Application(wrong(undefined)),
      'WEB_ROUTE',
      'routes must be an array of routes; got undefined.',
    ],
    [
      'a route',
      () => new Application(wrong([5])),
      'WEB_ROUTE',
      'route 1 of the list must be an array [path, handler, o',
    ],
    ['a handler', () => new Application(wrong([['/', 5]])), 'WEB_ROUTE', 'route "/" must have a handler'],
    ['null as settings', () => application(null), 'WEB_SETTING', 'settings must be an object; got null.'],
    ['an array as settings', () => application([]), 'WEB_SETTING', 'settings must be an object; got an array of 0.'],
    ['a text as settings', () => application('abc'), 'WEB_SETTING', 'settings must be an object; got "abc".'],
    ['a setting', () => application({ debug: 'no' }), 'WEB_SETTING', 'debug must be true or false; got "no".'],
    ['a name', () => application({ debugg: true }), 'WEB_SETTING', 'Unknown setting "debugg". Did you mean debug?'],
    [
      'a count',
      () => application({ maxFormBytes: 0 }),
      'WEB_SETTING',
      'maxFormBytes must be an integer from 1 to 9007199254740991; got 0.',
    ],
    [
      'xsrfCookieName',
      () => application({ xsrfCookieName: 'a b' }),
      'WEB_SETTING',
      'xsrfCookieName must be a token, such as _xsrf; got "a b".',
    ],
    [
      'uiMethods',
      () => application({ uiMethods: { menu: 5 } }),
      'WEB_SETTING',
      'uiMethods.menu must be a function; got 5.',
    ],
    [
      'uiModules',
      () => application({ uiModules: { Menu: () => '' } }),
      'WEB_SETTING',
      'uiModules.Menu must be a class that extends UIModule; got a function.',
    ],
    [
      'allowedOrigins',
      () => application({ allowedOrigins: ['https://a.test/x'] }),
      'WEB_SETTING',
      'An entry of allowedOrigins must be an origin without a path, such as https://app.example; got ',
    ],
    [
      'log',
      () => application({ log: null }),
      'WEB_SETTING',
      'log must be an object with the methods debug, info, warn and error; got null.',
    ],
    ['server', () => application({ server: { wheel: 5 } }), 'OPTION_VALUE', 'wheel must be a TimerWheel; got 5.'],
    [
      'websocket',
      () => application({ websocket: { compress: 1 } }),
      'OPTION_VALUE',
      'compress must be true or false; got',
    ],
  ],
  HttpError: [
    ['a status', () => new gale.HttpError(99), 'OPTION_VALUE', 'status must be an integer from 400 to 599; got 99.'],
    [
      'a text',
      () => new gale.HttpError(wrong('404')),
      'OPTION_VALUE',
      'status must be an integer from 400 to 599; got "',
    ],
    [
      'a header',
      () => new gale.HttpError(429, 'why', { headers: [['Retry-After', '1.5']] }),
      'WEB_HEADER',
      'Retry-After must be a whole number of seconds, a Dat',
    ],
    ['success', () => new gale.HttpError(204), 'OPTION_VALUE', 'status must be an integer from 400 to 599; got 204.'],
    [
      'a name',
      () => new gale.HttpError(404, 'why', wrong({ header: [] })),
      'OPTION_UNKNOWN',
      'Unknown HttpError option header; the options are reason, headers, problem, cause.',
    ],
    [
      'a problem',
      () => new gale.HttpError(404, 'why', { problem: wrong('none') }),
      'OPTION_VALUE',
      'problem must be an object; got "none".',
    ],
  ],
  defineOptions: [
    [
      'a number',
      () => gale.defineOptions(wrong(5)),
      'OPTION_VALUE',
      'definitions of options must be an object; got 5.',
    ],
    [
      'a definition',
      () => gale.defineOptions(wrong({ port: 5 })),
      'OPTION_VALUE',
      'definition of --port must be an object',
    ],
  ],
  createSignedValue: [
    [
      'a name',
      () => gale.createSignedValue(secret, wrong(5), 'x'),
      'OPTION_VALUE',
      'name must be a string that is not empty; got 5.',
    ],
    [
      'a value',
      () => gale.createSignedValue(secret, 'a', wrong(5)),
      'OPTION_VALUE',
      'value must be a string or bytes; go',
    ],
    [
      'an option',
      () => gale.createSignedValue(secret, 'a', 'x', wrong({ version: 1 })),
      'OPTION_UNKNOWN',
      'Unknown signed value option version; the options are keyVersion, now.',
    ],
  ],
  readSignedValue: [
    [
      'a name',
      () => gale.readSignedValue(secret, wrong(5), 'x'),
      'OPTION_VALUE',
      'name must be a string that is not empty; got 5.',
    ],
    [
      'maxAgeDays',
      () => gale.readSignedValue(secret, 'a', 'x', { maxAgeDays: Number.NaN }),
      'OPTION_VALUE',
      'maxAgeDays must be a number from 0 to 36500; got NaN.',
    ],
    [
      'minVersion',
      () => gale.readSignedValue(secret, 'a', 'x', { minVersion: wrong(3) }),
      'OPTION_VALUE',
      'minVersion must be an integer from 1 to 2; got 3.',
    ],
  ],
  signingKeyVersion: [
    ['a number', () => gale.signingKeyVersion(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.'],
  ],
  parseCookies: [['a number', () => gale.parseCookies(wrong(5)), 'OPTION_VALUE', 'header must be a string; got 5.']],
  formatCookie: [
    [
      'a value',
      () => gale.formatCookie('a', wrong(5)),
      'WEB_COOKIE',
      'Cookie "a" cannot be set: value must be a string; go',
    ],
    ['null', () => cookie(null), 'OPTION_VALUE', 'cookie options must be an object; got null.'],
    [
      'a name',
      () => cookie({ httponly: true }),
      'OPTION_UNKNOWN',
      'Unknown cookie option httponly, use httpOnly; the op',
    ],
    ['secure', () => cookie({ secure: 'false' }), 'OPTION_VALUE', 'secure must be true or false; got "false".'],
    ['partitioned', () => cookie({ partitioned: 1 }), 'OPTION_VALUE', 'partitioned must be true or false; got 1.'],
    ['a name', () => gale.formatCookie(wrong(5), 'x'), 'OPTION_VALUE', 'name of a cookie must be a string; got 5.'],
    ['httpOnly', () => cookie({ httpOnly: 1 }), 'OPTION_VALUE', 'httpOnly must be true or false; got 1.'],
    ['path', () => cookie({ path: 5 }), 'OPTION_VALUE', 'path must be a string; got 5.'],
    ['domain', () => cookie({ domain: null }), 'OPTION_VALUE', 'domain must be a string; got null.'],
    ['sameSite', () => cookie({ sameSite: true }), 'OPTION_VALUE', 'sameSite must be a string; got true.'],
    [
      'maxAge',
      () => cookie({ maxAge: '5' }),
      'WEB_COOKIE',
      'Cookie "a" cannot be set: maxAge must be an integer; got "5"',
    ],
  ],
  jsonEncode: [
    [
      'undefined',
      () => gale.jsonEncode(undefined),
      'JSON_VALUE',
      'value of jsonEncode() must be a value that JSON can rep',
    ],
  ],
  authenticated: [
    [
      'no verb',
      () => gale.authenticated(wrong(undefined)),
      'OPTION_VALUE',
      'verb must be a function, or an object of options; got undefined.',
    ],
    [
      'a name',
      () => gale.authenticated(wrong({ status: 401 })),
      'OPTION_UNKNOWN',
      'Unknown authenticated option status; ',
    ],
    [
      'response',
      () => gale.authenticated({ response: wrong('json') }),
      'OPTION_VALUE',
      'response must be "auto" or "login" or "status"; got "json".',
    ],
    [
      'challenge',
      () => gale.authenticated({ challenge: 'Bearer\n' }),
      'OPTION_VALUE',
      'challenge must be printable ASCII, such as Bearer realm="api"; got ',
    ],
  ],
  addslash: [
    ['no verb', () => gale.addslash(wrong(undefined)), 'OPTION_VALUE', 'verb must be a function; got undefined.'],
  ],
  removeslash: [
    ['no verb', () => gale.removeslash(wrong({})), 'OPTION_VALUE', 'verb must be a function; got an empty object.'],
  ],
  group: [
    [
      'a prefix',
      () => gale.group('admin', {}, []),
      'WEB_ROUTE',
      'group "admin" must have a prefix that begins with a slash and does not end with one.',
    ],
    [
      'an unknown option',
      () => gale.group('/admin', wrong({ path: '/' }), []),
      'WEB_ROUTE',
      'group "/admin" must have no options but name, init, middleware, within; got path.',
    ],
  ],
  safeNext: [
    ['null', () => gale.safeNext(wrong(null)), 'OPTION_VALUE', 'next must be a string; got null.'],
    ['fallback', () => gale.safeNext('/', wrong(5)), 'OPTION_VALUE', 'fallback must be a string; got 5.'],
  ],
  squeeze: [['a number', () => gale.squeeze(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.']],
  urlEscape: [['a number', () => gale.urlEscape(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.']],
  urlUnescape: [['a number', () => gale.urlUnescape(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.']],
  xhtmlEscape: [['a number', () => gale.xhtmlEscape(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.']],
  xhtmlUnescape: [
    ['undefined', () => gale.xhtmlUnescape(wrong(undefined)), 'OPTION_VALUE', 'text must be a string; got un'],
  ],
  Template: [
    [
      'a number',
      () => new gale.Template(wrong(5)),
      'OPTION_VALUE',
      'source must be a string, or a file that a loader has p',
    ],
    ['name', () => new gale.Template('', wrong({ name: 5 })), 'OPTION_VALUE', 'name must be a string; got 5.'],
    [
      'resolve',
      () => new gale.Template('', wrong({ resolve: 5 })),
      'OPTION_VALUE',
      'resolve must be a function; got 5.',
    ],
    [
      'whitespace',
      () => new gale.Template('', wrong({ whitespace: 'none' })),
      'OPTION_VALUE',
      'whitespace must be "all" or "single" or "oneline"; got "none".',
    ],
    [
      'a namespace',
      () => new gale.Template('').generate(wrong(5)),
      'OPTION_VALUE',
      'namespace must be an object; got 5.',
    ],
    [
      'a namespace for chunks',
      () => new gale.Template('').generateChunks(wrong(null)),
      'OPTION_VALUE',
      'namespace must be an object; got null.',
    ],
  ],
  Loader: [
    [
      'no root',
      () => new gale.Loader(wrong(undefined)),
      'OPTION_VALUE',
      'root must be the path of a folder; got undefi',
    ],
    ['a number as root', () => new gale.Loader(wrong(5)), 'OPTION_VALUE', 'root must be the path of a folder; got 5.'],
    ['an empty root', () => new gale.Loader(''), 'OPTION_VALUE', 'root must be the path of a folder; got "".'],
    [
      'cache',
      () => new gale.Loader('.', wrong({ cache: 'no' })),
      'OPTION_VALUE',
      'cache must be true or false; got "no".',
    ],
    ['a name', () => new gale.Loader('.', wrong({ debug: true })), 'OPTION_UNKNOWN', 'Unknown loader option debug; '],
  ],
  DictLoader: [
    ['a number', () => new gale.DictLoader(wrong(5)), 'OPTION_VALUE', 'texts must be an object; got 5.'],
    [
      'an array',
      () => new gale.DictLoader(wrong(['a'])),
      'OPTION_VALUE',
      'texts must be an object; got an array of 1.',
    ],
    [
      'a number as text',
      () => new gale.DictLoader(wrong({ 'a.html': 5 })),
      'OPTION_VALUE',
      'The text of "a.html" must be a string; got 5.',
    ],
    ['a number as name', () => dict.load(wrong(5)), 'OPTION_VALUE', 'name must be a string; got 5.'],
  ],
  TemplateLoader: [
    [
      'what a subclass reads',
      () => {
        class Numbers extends gale.TemplateLoader {
          protected override read(): string {
            return wrong(5);
          }
        }
        return new Numbers().load('a.html');
      },
      'OPTION_VALUE',
      'The text of a template must be a string; got 5.',
    ],
  ],
  MemoryBroker: [
    ['null', () => new MemoryBroker(wrong(null)), 'OPTION_VALUE', 'MemoryBroker options must be an object; got null.'],
    ['now', () => new MemoryBroker(wrong({ now: 5 })), 'OPTION_VALUE', 'now must be a function; got 5.'],
  ],
  SqliteBroker: [
    [
      'no options',
      () => gale.SqliteBroker.open(wrong(undefined)),
      'OPTION_VALUE',
      'SqliteBroker options must be an obje',
    ],
    [
      'no path',
      () => gale.SqliteBroker.open(wrong({})),
      'OPTION_VALUE',
      'path must be the path of a file; got undefined.',
    ],
  ],
  Rooms: [
    [
      'no broker',
      () => new Rooms(wrong(undefined)),
      'OPTION_VALUE',
      'broker must be a Broker, such as a MemoryBroker; got u',
    ],
    [
      'an object as broker',
      () => new Rooms(wrong({})),
      'OPTION_VALUE',
      'broker must be a Broker, such as a MemoryBroker; go',
    ],
    ['null as options', () => someRooms(null), 'OPTION_VALUE', 'rooms options must be an object; got null.'],
    ['limits', () => someRooms({ limits: false }), 'OPTION_VALUE', 'limits must be "on" or "off"; got false.'],
    [
      'presenceLeaseMs',
      () => someRooms({ presenceLeaseMs: 9 }),
      'OPTION_VALUE',
      'presenceLeaseMs must be an integer from 10 to 2000000000; got 9.',
    ],
    [
      'presenceRenewMs',
      () => someRooms({ presenceLeaseMs: 100, presenceRenewMs: 51 }),
      'OPTION_VALUE',
      'presenceRenewMs must be an integer from 5 to 50; got 51.',
    ],
  ],
  RateLimitedWarning: [
    [
      'null as log',
      () => new gale.RateLimitedWarning(wrong(null), 'x'),
      'OPTION_VALUE',
      'log must be a Logger; got null',
    ],
    ['a log of another kind', () => gale.RateLimitedWarning.of(wrong({}), 'x'), 'OPTION_VALUE', 'log must be a Logger'],
    [
      'a number as message',
      () => new gale.RateLimitedWarning({ debug() {}, info() {}, warn() {}, error() {} }, wrong(5)),
      'OPTION_VALUE',
      'message must be a string; got 5.',
    ],
  ],
  // gale/http
  TimerWheel: [
    [
      'a text',
      () => new http.TimerWheel(wrong({ tickMs: 'x' })),
      'OPTION_VALUE',
      'tickMs must be an integer from 1 to 2147',
    ],
    [
      '-1',
      () => new http.TimerWheel({ tickMs: -1 }),
      'OPTION_VALUE',
      'tickMs must be an integer from 1 to 2147483647; got -1',
    ],
    ['now', () => new http.TimerWheel(wrong({ now: 0 })), 'OPTION_VALUE', 'now must be a function; got 0.'],
    ['null', () => new http.TimerWheel(wrong(null)), 'OPTION_VALUE', 'TimerWheel options must be an object; got null.'],
    [
      'a name',
      () => new http.TimerWheel(wrong({ tick: 5 })),
      'OPTION_UNKNOWN',
      'Unknown TimerWheel option tick; the options are tickMs, now.',
    ],
  ],
  HeaderList: [['a number', () => new http.HeaderList(wrong(5)), 'OPTION_VALUE', 'text must be a string; got 5.']],
  toNetwork: [['a number', () => http.toNetwork(wrong(5)), 'OPTION_VALUE', 'address must be a string; got 5.']],
  // gale/websocket
  acceptWebSocket: [
    [
      'a name',
      () => websocket.acceptWebSocket(wrong({}), handshake, wrong({}), wrong({ subprotocol: 'chat' })),
      'OPTION_UNKNOWN',
      'Unknown acceptWebSocket option subprotocol; the options are protocol, headers, options.',
    ],
    [
      'an option of the connection',
      () => websocket.acceptWebSocket(wrong({}), handshake, wrong({}), { options: { maxFragments: 0 } }),
      'OPTION_VALUE',
      'maxFragments must be an integer from 1 to 2147483648; got 0.',
    ],
  ],
  acceptKey: [['a number', () => websocket.acceptKey(wrong(5)), 'OPTION_VALUE', 'key must be a string; got 5.']],
  broadcast: [
    [
      'a number',
      () => websocket.broadcast(wrong(5), 'x'),
      'OPTION_VALUE',
      'connections must be an iterable of connections; ',
    ],
    [
      'a message',
      () => websocket.broadcast([], wrong(undefined)),
      'JSON_VALUE',
      'message must be a string, bytes or an obj',
    ],
  ],
  connectWebSocket: [
    ['no URL', () => websocket.connectWebSocket(wrong(undefined)), 'WS_URL', 'url must be '],
    [
      'null',
      () => websocket.connectWebSocket(url, wrong(null)),
      'OPTION_VALUE',
      'connectWebSocket options must be an obj',
    ],
    [
      'headers',
      () => websocket.connectWebSocket(url, wrong({ headers: 5 })),
      'OPTION_VALUE',
      'headers must be an object or a list of pairs; got number.',
    ],
  ],
  handshakeResponse: [
    [
      'a protocol',
      () => websocket.handshakeResponse(handshake, { protocol: 'mail' }),
      'WS_RESPONSE',
      'protocol must be "chat" or "news"; got "mail".',
    ],
    [
      'headers',
      () => websocket.handshakeResponse(handshake, wrong({ headers: 5 })),
      'OPTION_VALUE',
      'headers must be an array of pairs; got 5.',
    ],
    [
      'a name',
      () => websocket.handshakeResponse(handshake, wrong({ cookies: [] })),
      'OPTION_UNKNOWN',
      'Unknown handshake option cookies; the options are protocol, extensions, headers.',
    ],
  ],
  prepareMessage: [
    ['a number', () => websocket.prepareMessage(wrong(5)), 'JSON_VALUE', 'message must be a string or bytes; got 5.'],
  ],
  // gale/client
  RoomsClient: [
    [
      'no options',
      () => new RoomsClient(wrong(undefined)),
      'OPTION_VALUE',
      'RoomsClient options must be an object; got un',
    ],
    [
      'no host',
      () => roomsClient({ url: 'ws://' }),
      'OPTION_VALUE',
      'url must be a URL with the scheme ws: or wss: and a hos',
    ],
    [
      'a scheme',
      () => roomsClient({ url: 'ftp:x' }),
      'OPTION_VALUE',
      'url must be a URL with the scheme ws: or wss: and a h',
    ],
    [
      'outbox',
      () => roomsClient({ outbox: {} }),
      'OPTION_VALUE',
      'outbox must be an object with the methods load and save',
    ],
    [
      'an event',
      () => roomsClient({}).on(wrong('nope'), () => {}),
      'OPTION_VALUE',
      `name of an event must be ${events}; got `,
    ],
    [
      'a listener',
      () => roomsClient({}).on('message', wrong(5)),
      'OPTION_VALUE',
      'listener must be a function; got 5.',
    ],
  ],
  // gale/redis
  RedisAddress: [
    ['a number', () => new redis.RedisAddress(wrong(5)), 'OPTION_VALUE', `url must be ${redisUrl}; got 5.`],
    [
      'another text',
      () => new redis.RedisAddress('redis:/:secret'),
      'OPTION_VALUE',
      `url must be ${redisUrl}; got a text that may hold a password, so it is not shown.`,
    ],
  ],
  RedisBroker: [
    [
      'no options',
      () => redis.RedisBroker.open(wrong(undefined)),
      'OPTION_VALUE',
      'RedisBroker options must be an object; ',
    ],
    ['no URL', () => redis.RedisBroker.open(wrong({})), 'OPTION_VALUE', `url must be ${redisUrl}; got undefined.`],
    [
      'prefix',
      () => redis.RedisBroker.open({ url: 'redis://127.0.0.1:1', prefix: 'a b' }),
      'OPTION_VALUE',
      'prefix must be a string of 1 to 100 characters without braces and spaces; got "a b".',
    ],
  ],
  RedisRateLimitStore: [
    [
      'a name',
      async () => redis.RedisRateLimitStore.open(wrong({ address: 'redis://127.0.0.1' })),
      'OPTION_UNKNOWN',
      'Unknown RedisRateLimitStore option address; ',
    ],
    ['a URL', async () => redis.RedisRateLimitStore.open({ url: 'here' }), 'OPTION_VALUE', `url must be ${redisUrl}`],
    [
      'a prefix',
      async () => redis.RedisRateLimitStore.open({ url: 'redis://127.0.0.1:1', prefix: 'a b' }),
      'OPTION_VALUE',
      'prefix must be a string of 1 to 100 characters without braces and spaces; got "a b".',
    ],
  ],
};

/** Exports without a row, by the reason. */
const withoutRows: Readonly<Record<string, readonly string[]>> = {
  'Gale creates it, or subclasses of it': [
    'CatchUpTurns',
    'ArgumentExchange',
    'CheckedRoomSocket',
    'CookieExchange',
    'ErrorHandler',
    'Exchange',
    'RedirectHandler',
    'RequestHandler',
    'UIModule',
    'ResponseBuilder',
    'RoomSocket',
    'StaticFileHandler',
    'WebSocketConnection',
    'WebSocketHandler',
  ],
  'an error keeps what it is given': [
    'Finish',
    'GaleError',
    'MissingArgumentError',
    'ProtocolError',
    'RoomError',
    'TemplateError',
    'ValidationError',
    'WebSocketRefusedError',
  ],
  'its argument is an object that Gale created': [
    'changeValues',
    'isSameOrigin',
    'readHandshake',
    'refusalHeaders',
    'redisCommand',
  ],
  'it accepts every value': ['reasonPhrase'],
  'it has no argument, or passes it to a program that refuses it': [
    'fillDisk',
    'freeDisk',
    'freePort',
    'fullDiskMissing',
    'isListenedAt',
    'redisMissing',
    'startRedis',
  ],
};

for (const [name, calls] of Object.entries(wrongCalls)) {
  for (const [title, call, code, message] of calls) {
    test(`${name} refuses a wrong value: ${title}`, async () => {
      await assert.rejects(
        async () => call(),
        (error) => {
          assert.ok(error instanceof gale.GaleError, String(error));
          assert.equal(error.code, code);
          assert.equal(error.message.slice(0, message.length), message);
          assert.match(error.message, /[.?]$/);
          return true;
        },
      );
    });
  }
}

test('every exported class and function has a row, or a reason for none', async () => {
  const exported = await readExportedNames();
  const callable = exported.filter(({ kind }) => kind === 'class' || kind === 'function').map(({ name }) => name);
  const listed = [...Object.keys(wrongCalls), ...Object.values(withoutRows).flat()];
  assert.deepEqual([...new Set(callable)].toSorted(), listed.toSorted());
});

test('the lease sets the default of its renewal, so that two attempts fit into it', () => {
  for (const [presenceLeaseMs, presenceRenewMs] of [
    [10, 5],
    [100, 45],
    [60_000, 27_000],
    [600_000, 270_000],
  ] as const) {
    assert.equal(resolveRoomsOptions({ presenceLeaseMs }).presenceRenewMs, presenceRenewMs);
  }
});
