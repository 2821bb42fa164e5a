import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { StartError } from '../start-error.ts';
import { Assets } from './assets.ts';

async function build(t: TestContext, manifest: object | undefined, forms: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-assets-'));
  t.after(() => rm(folder, { recursive: true }));
  if (!manifest) return folder;
  await mkdir(join(folder, '.vite'));
  await writeFile(join(folder, '.vite', 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(folder, '.vite', 'forms.json'), JSON.stringify(forms));
  return folder;
}

test('lists the script of a page, those that it imports, and the styles of its imports before its own', async (t) => {
  const folder = await build(t, {
    'browser/main.tsx': { file: 'assets/main-1.js', isEntry: true, css: ['assets/main-2.css'], imports: ['_a', '_b'] },
    _a: { file: 'assets/a-3.js', css: ['assets/a-4.css'], imports: ['_b'] },
    _b: { file: 'assets/b-5.js', css: ['assets/b-6.css'], imports: ['_a'] },
  });
  assert.deepEqual((await Assets.read(folder)).of('browser/main.tsx'), {
    js: ['/static/assets/main-1.js'],
    imports: ['/static/assets/a-3.js', '/static/assets/b-5.js'],
    css: ['/static/assets/b-6.css', '/static/assets/a-4.css', '/static/assets/main-2.css'],
  });
});

test('lists files that a page imports at once like those that its script imports', async (t) => {
  const folder = await build(t, {
    'browser/main.tsx': { file: 'assets/main-1.js', isEntry: true },
    'locale/en.ts': { file: 'assets/en-2.js', isDynamicEntry: true },
  });
  assert.deepEqual((await Assets.read(folder)).of('browser/main.tsx', 'locale/en.ts'), {
    js: ['/static/assets/main-1.js'],
    imports: ['/static/assets/en-2.js'],
    css: [],
  });
});

test('finds the files of the pages with forms in the manifest of their build', async (t) => {
  const folder = await build(t, {}, { 'browser/forms.ts': { file: 'assets/forms-1.js', isEntry: true } });
  assert.deepEqual((await Assets.read(folder)).of('browser/forms.ts').js, ['/static/assets/forms-1.js']);
});

const isBuildError = (error: unknown): boolean =>
  error instanceof StartError && /npm run build -w chat/.test(error.message);

test('the errors for a missing build and a missing entry name the command to run', async (t) => {
  await assert.rejects(Assets.read(await build(t, undefined)), isBuildError);
  const assets = await Assets.read(await build(t, {}));
  assert.throws(() => assets.of('browser/main.tsx'), isBuildError);
});
