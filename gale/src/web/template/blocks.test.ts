import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DictLoader } from './loader.ts';

/** Renders `page` of the templates. */
const page = (texts: Record<string, string>, namespace: object = {}): string =>
  new DictLoader(texts, { whitespace: 'all' }).load('page').generate(namespace);

test('renders the block of the base unless a template that extends it replaces it', () => {
  const base = '<{% block title %}default{% end %}|{% block body %}{% end %}>';
  assert.equal(page({ base, page: '{% extends "base" %}' }), '<default|>');
  assert.equal(page({ base, page: '{% extends base %}ignored{% block body %}B{% end %}' }), '<default|B>');
});

test('uses the definition furthest from the base', () => {
  const texts = {
    base: '{% block a %}1{% end %}{% block b %}1{% end %}{% block c %}1{% end %}',
    middle: '{% extends base %}{% block a %}2{% end %}{% block b %}2{% end %}',
    page: '{% extends middle %}{% block a %}3{% end %}',
  };
  assert.equal(page(texts), '321');
});

test('blocks nest and are replaced at any level', () => {
  const base = '{% block a %}[{% block b %}b{% end %}]{% end %}';
  assert.equal(page({ base, page: '{% extends base %}{% block b %}B{% end %}' }), '[B]');
  assert.equal(page({ base, page: '{% extends base %}{% block a %}A{% end %}{% block b %}B{% end %}' }), 'A');
  const middle = '{% extends base %}{% block a %}({% block c %}c{% end %}){% end %}';
  assert.equal(page({ base, middle, page: '{% extends middle %}{% block c %}C{% end %}' }), '(C)');
});

test('renders a block twice if it occurs twice', () => {
  assert.equal(page({ page: '{% block a %}1{% end %}{% block a %}2{% end %}' }), '22');
});

test('of two nested blocks with the same name, the inner one is rendered', () => {
  assert.equal(page({ page: '{% block a %}1{% block a %}2{% end %}{% end %}' }), '2');
});

test('set in the base applies to blocks of a child, and set outside of the blocks of a child has no effect', () => {
  const base = '{% set x = 1 %}{% block a %}{% end %}';
  assert.equal(page({ base, page: '{% extends base %}{% block a %}{{ x }}{% end %}' }), '1');
  assert.throws(() => page({ base, page: '{% extends base %}{% set y = 1 %}{% block a %}{{ y }}{% end %}' }), {
    code: 'TEMPLATE_NAME',
    message: '`y` was not passed to the template at page:1 (via base:1)',
  });
});

test('an included file shares variables with the file that includes it, in both directions', () => {
  const texts = {
    page: '{% set a = 1 %}{% for x in [7, 8] %}{% include part %}{% end %}{{ b }}',
    part: '{{ a }}{{ x }}{% set b = x * 2 %} ',
  };
  assert.equal(page(texts), '17 18 16');
});

test('blocks of an included file can be replaced too', () => {
  const texts = {
    base: '<{% include nav %}>',
    nav: '{% block links %}home{% end %}',
    page: '{% extends base %}{% block links %}back{% end %}',
  };
  assert.equal(page(texts), '<back>');
});

test('renders an included file that extends another with its own base and blocks', () => {
  const texts = {
    page: '{% block a %}page{% end %} {% include card %}',
    card: '{% extends frame %}{% block a %}card{% end %}',
    frame: '[{% block a %}{% end %}]',
  };
  assert.equal(page(texts), 'page [card]');
});

test('a block has the autoescape of its file: a replaced block that of the child, an inherited one that of the base', () => {
  const texts = {
    base: '{% autoescape None %}{% block a %}{{ x }}{% end %}{% block b %}{{ x }}{% end %}{% include part %}{{ x }}',
    part: '{{ x }}',
    page: '{% extends base %}{% block a %}{{ x }}{% end %}',
  };
  assert.equal(page(texts, { x: '<' }), '&lt;<&lt;<');
});

test('each file has its own whitespace mode', () => {
  const texts = { page: '{% whitespace oneline %}a  {% include part %}  b', part: 'c  d' };
  assert.equal(page(texts), 'a c  d b');
});

test('names are relative to their file, or to the root with a slash', () => {
  const loader = new DictLoader({
    'a/1': '{% include 2 %}{% include ./2 %}{% include /2 %}',
    'a/2': '{% include ../b/3 %}',
    '2': 'root ',
    'b/3': 'three ',
  });
  assert.equal(loader.load('a/1').generate(), 'three three root ');
});

/** The message of the error for a loop. */
const loopOf = (texts: Record<string, string>): string => {
  try {
    page(texts);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'TEMPLATE_LOOP');
    return (error as Error).message;
  }
  return 'no error';
};

test('the error of a file that includes or extends itself names the chain', () => {
  assert.equal(loopOf({ page: '\n{% include page %}' }), '`page` includes itself: page -> page at page:2');
  assert.equal(loopOf({ page: '{% extends page %}' }), '`page` extends itself: page -> page at page:1');
  assert.equal(
    loopOf({ page: '{% if false %}{% include a %}{% end %}', a: '{% include b %}', b: '\n{% include a %}' }),
    '`a` includes itself: a -> b -> a at b:2',
  );
  assert.equal(
    loopOf({ page: '{% extends a %}', a: '{% extends b %}', b: '{% extends a %}' }),
    '`a` extends itself: a -> b -> a at b:1',
  );
  assert.equal(
    loopOf({ page: '{% extends base %}{% block a %}{% include page %}{% end %}', base: '{% block a %}{% end %}' }),
    '`page` includes itself: page -> page at page:1',
  );
});

test('refuses break in a block that a child uses outside of a loop', () => {
  const texts = {
    base: '{% block a %}{% end %}',
    page: '{% extends base %}{% for x in y %}{% block a %}\n{% break %}{% end %}{% end %}',
  };
  assert.throws(() => page(texts), {
    message: '{% break %} in a block that is used outside of a loop at page:2 (via base:1)',
  });
});
