import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDatabases } from '../test/support/databases.ts';
import { fillNameForms, personNameForms } from './name-forms.ts';

const more = { passwordHash: '', createdAt: 1 };

describeDatabases('forms of names', (open) => {
  test('are filled for people and rooms that have none, also for more than one step has', async (t) => {
    const database = await open(t);
    const { tables } = database;
    const people = Array.from({ length: 7 }, (_, index) => ({
      id: `p${index}`,
      name: `张三 ${index}`,
      nameKey: `张三 ${index}`,
      ...more,
    }));
    await tables.insertInto('person').values(people).execute();
    const room = { id: 'r', kind: 'public', name: '单元测试', nameKey: '单元测试', madeBy: 'p0', madeAt: 1 } as const;
    await tables.insertInto('room').values(room).execute();
    await fillNameForms(database, { rowsPerStep: 3 });
    const filled = await tables
      .selectFrom('person')
      .select(['id', 'pinyin', 'pinyinInitials', 'nameSkeleton'])
      .where('pinyin', '<>', '')
      .execute();
    assert.equal(filled.length, 7);
    assert.deepEqual(
      filled.find(({ id }) => id === 'p6'),
      {
        id: 'p6',
        pinyin: 'zhangsan6',
        pinyinInitials: 'zs6',
        nameSkeleton: personNameForms('张三 6').nameSkeleton,
      },
    );
    const { pinyin, pinyinInitials } = await tables
      .selectFrom('room')
      .select(['pinyin', 'pinyinInitials'])
      .where('id', '=', 'r')
      .executeTakeFirstOrThrow();
    assert.deepEqual([pinyin, pinyinInitials], ['danyuanceshi', 'dycs']);
  });

  test('that exist stay until the rules change', async (t) => {
    const database = await open(t);
    const { tables } = database;
    const stored = async (): Promise<string> => {
      const { pinyin } = await tables.selectFrom('person').select('pinyin').executeTakeFirstOrThrow();
      return pinyin;
    };
    await fillNameForms(database);
    await tables
      .insertInto('person')
      .values({ id: 'p', name: '张三', nameKey: '张三', ...personNameForms('张三'), ...more, pinyin: 'chosen' })
      .execute();
    await fillNameForms(database);
    assert.equal(await stored(), 'chosen');
    await tables.updateTable('setting').set({ value: '0' }).where('name', '=', 'name-forms').execute();
    await fillNameForms(database);
    assert.equal(await stored(), 'zhangsan');
  });
});
