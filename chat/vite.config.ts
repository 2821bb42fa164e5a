/** How the page is built: two entries into chat/dist, with a manifest by which the server finds the hashed files. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/static/',
  publicDir: false,
  // The client of the rooms is taken from its source, so that nothing has to be built before the page.
  resolve: { conditions: ['gale-source', 'module', 'browser', 'development|production'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    // The pages allow no inline code or data; everything is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: ['browser/main.tsx', 'browser/forms.ts'] },
  },
});

// Vite reads the default export.
export default config;
