/**
 * How the pages are built into chat/dist: the page with the rooms and the pages with forms, each with a manifest by which the server finds
 * the hashed files, and each file in compressed form beside it. Two builds, since files that both pages share would be more requests and
 * compress worse: most visits load one of them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/static/',
  publicDir: false,
  // The client of the rooms is taken from its source, so that nothing has to be built before the page.
  resolve: { conditions: ['gale-source', 'module', 'browser', 'development|production'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressedSiblings()],
  build: {
    outDir: 'dist',
    // The pages allow no inline code or data; everything is a file of its own.
    assetsInlineLimit: 0,
    // It would be code in the first file, for files that are loaded later.
    modulePreload: false,
    reportCompressedSize: false,
  },
  builder: {},
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        manifest: '.vite/manifest.json',
        rolldownOptions: {
          input: 'browser/main.tsx',
          optimization: { inlineConst: true },
          // What the page imports at once is one file. Otherwise modules that lazy parts import too, such as Preact, are a second one.
          output: {
            codeSplitting: {
              groups: [
                { name: 'main', test: /browser\/main\.tsx$/, priority: 1 },
                { name: 'shared', minShareCount: 2 },
              ],
            },
          },
        },
      },
    },
    forms: {
      consumer: 'client',
      build: { emptyOutDir: false, manifest: '.vite/forms.json', rolldownOptions: { input: 'browser/forms.ts' } },
    },
  },
});

// Vite reads the default export.
export default config;

/** Smaller files gain nothing, in bytes. */
const minBytes = 1024;

/** Writes `.br` and `.gz` of each file. Browsers accept `br` only over https and on this machine. */
function compressedSiblings(): Plugin {
  return {
    name: 'compressed-siblings',
    async writeBundle({ dir = '' }, bundle) {
      for (const { fileName } of Object.values(bundle)) {
        const path = join(dir, fileName);
        const content = await readFile(path);
        if (content.byteLength < minBytes || fileName.startsWith('.vite/')) continue;
        await writeFile(`${path}.br`, brotliCompressSync(content));
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
