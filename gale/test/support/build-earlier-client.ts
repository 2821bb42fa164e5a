/**
 * Bundles `gale/client` of a commit into gale/test/fixtures/clients, for gale/test/earlier-clients.test.ts:
 * `node gale/test/support/build-earlier-client.ts COMMIT`. Run it for the commit of each minor version.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { root } from './repository.ts';

const run = promisify(execFile);
const [wanted = 'HEAD'] = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), 'gale-client-'));
try {
  const commit = (await run('git', ['rev-parse', '--short=8', wanted], { cwd: root })).stdout.trim();
  const archive = join(folder, 'source.tar');
  await run('git', ['archive', `--output=${archive}`, commit, 'gale/src', 'gale/package.json'], { cwd: root });
  await run('tar', ['-xf', archive, '-C', folder]);
  const { version } = JSON.parse(await readFile(join(folder, 'gale/package.json'), 'utf8')) as { version: string };
  // The comments of the bundle name the sources relative to the working directory.
  process.chdir(folder);
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    build: {
      lib: {
        entry: join(folder, 'gale/src/client.ts'),
        formats: ['es'],
        fileName: () => `client-${version}-${commit}.js`,
      },
      outDir: join(root, 'gale/test/fixtures/clients'),
      emptyOutDir: false,
      minify: false,
      target: 'es2024',
      rolldownOptions: {
        output: { banner: `/* gale/client ${version} of commit ${commit}, by build-earlier-client.ts. */` },
      },
    },
  });
} finally {
  await rm(folder, { recursive: true });
}
