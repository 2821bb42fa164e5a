import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { watchLongPress } from './long-press.ts';

/** The messages on a screen, of which everything is one row. */
class FakeViewport extends EventTarget {
  readonly row = { dataset: { seq: '1' } };

  closest(selector: string): object | null {
    return selector.startsWith('.message') ? this.row : null;
  }

  touch(type: string, clientX = 0, clientY = 0): void {
    this.dispatchEvent(Object.assign(new Event(type), { pointerType: 'touch', isPrimary: true, clientX, clientY }));
  }
}

// Elements of a page are told from other targets by their class.
Object.assign(globalThis, { Element: FakeViewport });

function watch(t: TestContext): { readonly viewport: FakeViewport; readonly pressed: unknown[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const viewport = new FakeViewport();
  const pressed: unknown[] = [];
  t.after(watchLongPress(viewport as unknown as HTMLElement, (row) => pressed.push(row)));
  return { viewport, pressed };
}

test('a finger that stays on a message is a long press, also if it trembles', (t) => {
  const { viewport, pressed } = watch(t);
  viewport.touch('pointerdown', 100, 100);
  viewport.touch('pointermove', 104, 96);
  t.mock.timers.tick(449);
  assert.deepEqual(pressed, []);
  t.mock.timers.tick(1);
  assert.deepEqual(pressed, [viewport.row]);
});

for (const [what, cancel] of [
  ['scrolls', (viewport) => viewport.touch('scroll')],
  ['moves', (viewport) => viewport.touch('pointermove', 100, 140)],
  ['is lifted', (viewport) => viewport.touch('pointerup')],
  ['belongs to a gesture of the browser', (viewport) => viewport.touch('pointercancel')],
] as const satisfies readonly (readonly [string, (viewport: FakeViewport) => void])[]) {
  test(`a finger that ${what} is no long press, and its menu of the browser opens nothing`, (t) => {
    const { viewport, pressed } = watch(t);
    viewport.touch('pointerdown', 100, 100);
    t.mock.timers.tick(300);
    cancel(viewport);
    t.mock.timers.tick(1000);
    viewport.touch('contextmenu');
    assert.deepEqual(pressed, []);
  });
}
