/**
 * Takes pictures of every screen at three widths, in both themes and both languages. Run `npm run pictures -- --out=FOLDER`.
 * `--only=TEXT` takes those whose file name contains the text; it may be repeated. `--type=webp` makes small files, as in
 * docs/pictures/.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import type { Language } from '../../locale/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { screens, type Scene } from './screens.ts';
import { serveTalk, type ServedTalk } from './served-talk.ts';
import { talks } from './people-and-talk.ts';

const { out, only, type } = parseArgs({
  options: {
    out: { type: 'string', default: 'pictures' },
    only: { type: 'string', multiple: true, default: [''] },
    type: { type: 'string', default: 'png' },
  },
}).values;

const sizes = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
] as const;

test('pictures', { timeout: 1_200_000 }, async (t) => {
  const browser = await launchChromium();
  t.after(() => browser.close());
  await mkdir(out, { recursive: true });
  for (const language of ['en', 'zh-CN'] as const) {
    let talk: ServedTalk | undefined;
    for (const { width, height } of sizes) {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const [name, screen] of Object.entries(screens)) {
          const file = `${name}-${width}-${colorScheme}-${language}.${type}`;
          if (!only.some((part) => file.includes(part))) continue;
          talk ??= await serveTalk(t, language);
          const isMobile = width < 760;
          const context = await browser.newContext({
            viewport: { width, height },
            colorScheme,
            locale: language === 'en' ? 'en-GB' : language,
            isMobile,
            hasTouch: isMobile,
            reducedMotion: 'reduce',
          });
          // A window without the focus reads nothing, so the next picture has the same unread messages. The fonts of a machine differ. These have Latin and Chinese characters, and emoji in colour.
          await context.addInitScript(() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(
              `:root { --font: Emoji, 'Noto Sans CJK SC', system-ui, sans-serif !important } * { caret-color: transparent !important }`,
            );
            document.adoptedStyleSheets = [sheet];
            document.fonts.add(
              new FontFace('Emoji', `local('Noto Color Emoji')`, {
                unicodeRange: 'U+1F300-1FAFF, U+2615, U+2764, U+FE0F',
              }),
            );
            document.hasFocus = () => false;
          });
          const page = await context.newPage();
          page.setDefaultTimeout(30_000);
          await screen(await scene(context, page, talk, language, width));
          // The pictures show the end of all movements, and no caret.
          await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {}))));
          await writeFile(join(out, file), await takePicture(page));
          await context.close();
        }
      }
    }
  }
});

async function takePicture(page: Page): Promise<Buffer> {
  if (type !== 'webp') return page.screenshot({ caret: 'hide' });
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 85 });
  return Buffer.from(data, 'base64');
}

async function scene(
  context: BrowserContext,
  page: Page,
  talk: ServedTalk,
  language: Language,
  width: number,
): Promise<Scene> {
  const { url, emptyUrl, database, talkPath, viewer, viewerId, invitePath } = talk;
  const ids = [...talk.rooms.values()].slice(1, 1 + talks[language].rooms.length);
  const idOf = (index: number): string => ids.at(index)!;
  await context.addCookies([...viewer.cookies].map(([name, value]) => ({ name, value, url })));
  return {
    page,
    url,
    emptyUrl,
    database,
    talkPath,
    invitePath,
    draft: async (room, text) => {
      await page.addInitScript(([key, value]) => localStorage.setItem(key, value), [
        `gale-chat draft ${viewerId} ${typeof room === 'string' ? room : idOf(room)}`,
        text,
      ] as const);
    },
    isNarrow: width < 760,
    openRoom: async (index) => {
      await page.goto(`${url}/#/rooms/${index === 'lobby' ? index : idOf(index)}`);
      await page.locator('.composer-place, #composer').first().waitFor();
      await page.locator('.timeline-viewport[aria-busy=false]').waitFor();
    },
    openOther: async () => {
      await page.goto(`${url}/#/rooms/${talk.rooms.get(talks[language].others[0]!.name)}`);
      await page.locator('.outside').waitFor();
    },
  };
}
