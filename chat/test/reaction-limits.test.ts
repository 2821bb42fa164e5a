/** The limits of reactions in the page: what a person sees who adds one too many, in both languages. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { maxReactionKinds, maxReactions } from '../messages/changes/message-limits.ts';
import { violations } from './support/accessibility.ts';
import { serveBuilt, type BuiltChat } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

const languages = [
  {
    locale: 'en-GB',
    full: 'This message has as many reactions as it can have.',
    add: 'Add reaction',
    reactWith: (emoji: string) => `React with ${emoji}`,
    count: (emoji: string, count: number) => `${emoji} ${count} people`,
  },
  {
    locale: 'zh-CN',
    full: '这条消息的表情回应已达上限。',
    add: '添加表情回应',
    reactWith: (emoji: string) => `用 ${emoji} 回应`,
    count: (emoji: string, count: number) => `${emoji} ${count} 人`,
  },
] as const;

interface Talk {
  readonly chat: BuiltChat;
  readonly zhang: ChatWindow;
}

/** A window with one message, which has these reactions, each of one emoji and the index of a person. The last one is of Ann. */
async function withReactions(
  t: TestContext,
  locale: string,
  reactions: readonly (readonly [emoji: string, person: number])[],
): Promise<Talk> {
  const chat = await serveBuilt(t);
  const zhang = await ChatWindow.open(t, browser, chat.url, { locale });
  await zhang.register('张三');
  await zhang.sayAndSee('here');
  const { tables } = chat.database;
  const row = await until(() => tables.selectFrom('message').select(['roomId', 'seq']).executeTakeFirst());
  const people = Array.from({ length: Math.max(...reactions.map(([, person]) => person)) + 1 }, (_, index) => ({
    id: `person-${index}`,
    name: `person ${index}`,
    nameKey: `person ${index}`,
    passwordHash: '',
    createdAt: 1,
  }));
  await tables.insertInto('person').values(people).execute();
  const rows = reactions.map(([emoji, person], madeAt) => ({ ...row, emoji, personId: `person-${person}`, madeAt }));
  await tables.insertInto('reaction').values(rows.slice(0, -1)).execute();
  // The change brings all of them to the page.
  const ann = await RawSocket.open(await chat.person('Ann'));
  await ann.do('react', { room: row.roomId, seq: row.seq, emoji: reactions.at(-1)![0], on: true });
  await zhang.rowOf('here').locator('.reaction').first().waitFor();
  return { chat, zhang };
}

const kinds = Array.from({ length: maxReactionKinds }, (_, index) => String.fromCodePoint(0x1f600 + index));
const shown = (window: ChatWindow): Promise<string[]> => window.rowOf('here').locator('.reaction').allInnerTexts();

async function countOf({ chat }: Talk): Promise<number> {
  return (await chat.database.tables.selectFrom('reaction').select('emoji').execute()).length;
}

for (const { locale, full, add, reactWith, count } of languages) {
  test(`the 21st kind of reaction is refused with a message, and one of the 20 can be added, ${locale}`, async (t) => {
    const talk = await withReactions(
      t,
      locale,
      kinds.map((emoji) => [emoji, 1] as const),
    );
    const { zhang } = talk;
    const before = await shown(zhang);
    assert.equal(before.length, maxReactionKinds);
    await zhang.press('here', add);
    await zhang.page
      .getByRole('dialog')
      .getByRole('button', { name: reactWith('🎉') })
      .first()
      .click();
    await zhang.page.getByRole('status').getByText(full, { exact: true }).waitFor();
    assert.deepEqual(await shown(zhang), before);
    assert.equal(await countOf(talk), maxReactionKinds);
    assert.deepEqual(await zhang.texts(), ['here']);
    assert.deepEqual(await violations(zhang.page), []);

    const [first] = kinds;
    await zhang.rowOf('here').locator('.reaction').first().click();
    await zhang
      .rowOf('here')
      .getByRole('button', { name: count(first!, 2), pressed: true })
      .waitFor();
    assert.equal((await shown(zhang)).length, maxReactionKinds);
  });

  test(`the 501st reaction is refused with a message, and the number stays, ${locale}`, async (t) => {
    const all = Array.from({ length: maxReactions }, (_, person) => ['👍', person] as const);
    const talk = await withReactions(t, locale, all);
    const { zhang } = talk;
    const button = zhang.rowOf('here').getByRole('button', { name: count('👍', maxReactions), pressed: false });
    await button.click();
    await zhang.page.getByRole('status').getByText(full, { exact: true }).waitFor();
    await button.waitFor();
    assert.equal(await countOf(talk), maxReactions);
  });
}
