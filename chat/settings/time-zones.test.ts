import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeZoneLabels, timeZones } from './time-zones.ts';

test('every zone has a name in the language of the reader, and the spelling of today', async () => {
  const [english, chinese] = [await timeZoneLabels('en'), await timeZoneLabels('zh-CN')];
  for (const labels of [english, chinese])
    assert.deepEqual(labels.map(([zone]) => zone).toSorted(), [...timeZones].toSorted());
  assert.equal(new Map(english).get('Asia/Shanghai'), 'Asia / Shanghai · China Standard Time');
  assert.equal(new Map(chinese).get('Asia/Shanghai'), 'Asia / Shanghai · 中国标准时间');
  const texts = english.map(([, label]) => label).join('\n');
  for (const city of ['Kolkata', 'Kyiv', 'Ho Chi Minh', 'Yangon', 'Kathmandu']) assert.match(texts, new RegExp(city));
  assert.doesNotMatch(texts, /Calcutta|Kiev|Saigon|Rangoon|Katmandu|_/);
});

test('the names of a language are made once, in steps between which others get their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1));
  const first = timeZoneLabels('de');
  assert.equal(timeZoneLabels('de'), first);
  await first;
  clearInterval(timer);
  assert.ok(turns > 3, `${turns}`);
});
