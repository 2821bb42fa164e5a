import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { GaleError } from '../errors.ts';
import { defineOptions } from './options.ts';

const options = defineOptions({
  port: { type: 'integer', default: 8888, max: 65_535, env: 'PORT', help: 'TCP port' },
  'data-folder': { type: 'text', default: './data', env: 'DATA_DIR', help: 'Folder for the data' },
  logging: { type: 'text', default: 'warn', choices: ['info', 'warn'], help: 'Lowest level' },
  redis: { type: 'text', default: '', help: 'Address of Redis' },
  quiet: { type: 'switch', default: false, help: 'Say nothing' },
});

test('an omitted option has its default', () => {
  assert.deepEqual(options.parse([], {}), {
    port: 8888,
    'data-folder': './data',
    logging: 'warn',
    redis: '',
    quiet: false,
  });
});

test('the command line overrides the environment, and the environment the default', () => {
  assert.equal(options.parse([], { PORT: '9000' }).port, 9000);
  assert.equal(options.parse(['--port=9001'], { PORT: '9000' }).port, 9001);
  assert.equal(options.parse([], { PORT: '' }).port, 8888);
});

test('accepts underscores for dashes in a name, and any characters in a value', () => {
  assert.equal(options.parse(['--data_folder=a=b\nc'], {})['data-folder'], 'a=b\nc');
  assert.equal(options.parse(['--data-folder='], {})['data-folder'], '');
});

test('accepts a switch without a value, or with true or false', () => {
  assert.equal(options.parse(['--quiet'], {}).quiet, true);
  assert.equal(options.parse(['--quiet=false'], {}).quiet, false);
});

const refusals: readonly (readonly [string[], Record<string, string>, string, string])[] = [
  [['--prot=1'], {}, 'OPTION_UNKNOWN', 'Unknown option --prot; the options are --port, --data-folder'],
  [['9000'], {}, 'OPTION_UNKNOWN', 'Unknown option 9000'],
  [['--redi=redis://:secret@host'], {}, 'OPTION_UNKNOWN', 'Unknown option --redi;'],
  [['--redis:redis://:secret@host'], {}, 'OPTION_UNKNOWN', 'Unknown option (its name is not shown'],
  [['--redis=', 'redis://:secret@host'], {}, 'OPTION_UNKNOWN', 'Unknown option (its name is not shown'],
  [['--redis', 'redis://:secret@host'], {}, 'OPTION_VALUE', '--redis needs a value'],
  [['secret@host'], {}, 'OPTION_UNKNOWN', 'Unknown option (its name is not shown'],
  [['-secret word'], {}, 'OPTION_UNKNOWN', 'Unknown option (its name is not shown'],
  [
    ['--port=redis://:secret@host'],
    {},
    'OPTION_VALUE',
    '--port must be an integer from 0 to 65535; got a text that may',
  ],
  [['--logging=:secret@host'], {}, 'OPTION_VALUE', 'got a text that may hold a password'],
  [['--quiet=redis://:secret@host'], {}, 'OPTION_VALUE', '--quiet must be true or false; got a text that may'],
  [
    [],
    { PORT: 'redis://:secret@host' },
    'OPTION_VALUE',
    'PORT must be an integer from 0 to 65535; got a text that may',
  ],
  [['--constructor=1'], {}, 'OPTION_UNKNOWN', 'Unknown option --constructor;'],
  [['--port'], {}, 'OPTION_VALUE', '--port needs a value: --port=VALUE.'],
  [['--port=65536'], {}, 'OPTION_VALUE', '--port must be an integer from 0 to 65535; got "65536".'],
  [['--port=1e3'], {}, 'OPTION_VALUE', 'got "1e3"'],
  [['--port=-1'], {}, 'OPTION_VALUE', 'got "-1"'],
  [[], { PORT: 'http' }, 'OPTION_VALUE', 'PORT must be an integer from 0 to 65535; got "http".'],
  [['--logging=loud'], {}, 'OPTION_VALUE', '--logging must be "info" or "warn"; got "loud".'],
  [['--quiet=yes'], {}, 'OPTION_VALUE', '--quiet must be true or false; got "yes".'],
];
for (const [words, environment, code, message] of refusals) {
  test(`rejects ${JSON.stringify(words)} with environment ${JSON.stringify(environment)}, without secrets`, () => {
    assert.throws(
      () => options.parse(words, environment),
      (error) =>
        error instanceof GaleError &&
        error.code === code &&
        error.message.includes(message) &&
        !inspect(error).includes('secret'),
    );
  });
}

test('help names every option with its default and its environment variable', () => {
  assert.equal(
    options.help('npm start -- [options]'),
    `npm start -- [options]

  --port=N              TCP port (default 8888; environment variable PORT)
  --data-folder=TEXT    Folder for the data (default ./data; environment variable DATA_DIR)
  --logging=info|warn   Lowest level (default warn)
  --redis=TEXT          Address of Redis (none by default)
  --quiet[=true|false]  Say nothing (default false)
  --help                Print this and stop.
`,
  );
});

test('names may have capitals and underscores, and each is found by every spelling', () => {
  const { parse, help } = defineOptions({
    max_items: { type: 'integer', default: 1, help: 'Items' },
    maxBodyBytes: { type: 'integer', default: 2, help: 'Bytes' },
    'data-folder': { type: 'text', default: '', help: 'Folder' },
    MaxURLs: { type: 'switch', default: false, help: 'URLs' },
  });
  const defaults = { max_items: 1, maxBodyBytes: 2, 'data-folder': '', MaxURLs: false };
  assert.deepEqual(parse([]), defaults);
  for (const name of ['max_items', 'max-items', 'maxItems', 'MAX_ITEMS']) {
    assert.deepEqual(parse([`--${name}=9`]), { ...defaults, max_items: 9 }, name);
  }
  for (const name of ['maxBodyBytes', 'max-body-bytes', 'max_body_bytes']) {
    assert.deepEqual(parse([`--${name}=9`]), { ...defaults, maxBodyBytes: 9 }, name);
  }
  for (const name of ['data-folder', 'data_folder', 'dataFolder']) {
    assert.deepEqual(parse([`--${name}=x`]), { ...defaults, 'data-folder': 'x' }, name);
  }
  assert.deepEqual(parse(['--MaxURLs', '--maxItems=3']), { ...defaults, MaxURLs: true, max_items: 3 });
  assert.match(help(), /--max_items=N +Items.*--maxBodyBytes=N.*--MaxURLs/s);
  assert.throws(() => parse(['--maxitems=1']), {
    code: 'OPTION_UNKNOWN',
    message: /^Unknown option --maxitems; the options are --max_items, --maxBodyBytes/,
  });
  assert.throws(() => parse(['--maxItems=x']), {
    message: '--max_items must be an integer from 0 to 9007199254740991; got "x".',
  });
});

const definitionRefusals: readonly (readonly [definition: object, message: string])[] = [
  [{ type: 'integer', default: -1 }, 'default of --x must be an integer from 0 to 9007199254740991; got -1.'],
  [{ type: 'integer', default: 70_000, max: 65_535 }, 'default of --x must be an integer from 0 to 65535; got 70000.'],
  [{ type: 'integer', default: Number.NaN }, 'default of --x must be an integer from 0 to 9007199254740991; got NaN.'],
  [{ type: 'integer', default: '5' }, 'default of --x must be an integer from 0 to 9007199254740991; got "5".'],
  [{ type: 'integer', default: 1.5 }, 'default of --x must be an integer from 0 to 9007199254740991; got 1.5.'],
  [{ type: 'integer' }, 'default of --x must be an integer from 0 to 9007199254740991; got undefined.'],
  [{ type: 'integer', default: 1, min: Number.NaN }, 'min of --x must be an integer; got NaN.'],
  [{ type: 'integer', default: 1, min: 5, max: 3 }, 'max of --x must be an integer from 5; got 3.'],
  [{ type: 'integer', default: 1, max: Infinity }, 'max of --x must be an integer from 0; got Infinity.'],
  [{ type: 'text', default: 5 }, 'default of --x must be a string; got 5.'],
  [{ type: 'text', default: 'c', choices: ['a', 'b'] }, 'default of --x must be one of a, b; got "c".'],
  [
    { type: 'text', default: '', choices: [] },
    'choices of --x must be an array of strings that is not empty; got an array of 0.',
  ],
  [{ type: 'switch', default: 'false' }, 'default of --x must be true or false; got "false".'],
  [{ type: 'number', default: 1 }, 'type of --x must be "text" or "integer" or "switch"; got "number".'],
  [{ type: 'text', default: '', env: '' }, 'env of --x must be the name of an environment variable; got "".'],
  [{ type: 'text', default: '', help: 5 }, 'help of --x must be a string; got 5.'],
  [
    { type: 'text', defualt: '' },
    'Unknown definition of --x option defualt; the options are type, default, help, env, choices.',
  ],
  [
    { type: 'switch', default: true, min: 1 },
    'Unknown definition of --x option min; the options are type, default, help, env.',
  ],
];
for (const [definition, message] of definitionRefusals) {
  test(`refuses a definition: ${message}`, () => {
    assert.throws(() => defineOptions({ x: { help: '', ...definition } as never }), { name: 'GaleError', message });
  });
}

test('refuses names that no command line can have, and names that differ only in their spelling', () => {
  const one = { type: 'switch', default: false, help: '' } as const;
  for (const name of ['', '-x', '1st', 'a b', 'a=b', 'é', 'help', 'HELP']) {
    assert.throws(
      () => defineOptions({ [name]: one }),
      { code: 'OPTION_VALUE', message: /^name of an option must be / },
      name,
    );
  }
  assert.throws(() => defineOptions({ max_items: one, maxItems: one }), {
    message: 'name of an option must be different from max_items without case, - and _; got "maxItems".',
  });
  assert.throws(() => defineOptions(undefined as never), {
    message: /^definitions of options must be an object; got undefined/,
  });
  assert.throws(() => defineOptions({ x: null as never }), {
    message: /^definition of --x must be an object; got null/,
  });
});

const printing = fileURLToPath(new URL('../../test/support/print-options.ts', import.meta.url));
for (const words of [['--help'], ['--port=1', '--help'], ['--help', '--port=x'], ['--nothing', 'word', '--help']]) {
  test(`${words.join(' ')} prints the help and ends the process with code 0`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--conditions=gale-source',
      printing,
      ...words,
    ]);
    assert.equal(
      stdout,
      'node print-options.ts [options]\n\n  --port=N  TCP port (default 80)\n  --help    Print this and stop.\n',
    );
    assert.equal(stderr, '');
  });
}
