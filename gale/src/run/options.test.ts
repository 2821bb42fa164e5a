import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
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
