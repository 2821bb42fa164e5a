import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../../errors.ts';
import { Finish, HttpError } from '../http-error.ts';
import { Template } from './template.ts';
import { locateError, TemplateError } from './template-error.ts';

const place = { file: 'page.html', line: 3, via: ['base.html:1'] };

test('the message has reason, file, line and chain', () => {
  const error = new TemplateError('TEMPLATE_SYNTAX', 'Bad', place);
  assert.ok(error instanceof GaleError);
  assert.equal(error.message, 'Bad at page.html:3 (via base.html:1)');
  assert.deepEqual([error.reason, error.place, error.code, error.status], ['Bad', place, 'TEMPLATE_SYNTAX', 500]);
});

test('HttpError and Finish from a called function are rethrown unchanged', () => {
  for (const error of [new HttpError(404), new Finish('done'), new GaleError('ROOM_UNAVAILABLE', 'no store')]) {
    const template = new Template('\n{{ f() }}', { name: 'page.html' });
    const f = (): never => {
      throw error;
    };
    assert.throws(
      () => template.generate({ f }),
      (thrown) => thrown === error && error.stack?.endsWith('in template page.html:2') === true,
    );
  }
});

test('a thrown value that is not an error becomes one', () => {
  const located = locateError('just text', place);
  assert.ok(located instanceof TemplateError);
  assert.deepEqual([located.message, located.cause], ['just text at page.html:3 (via base.html:1)', 'just text']);
});
