import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

test(
  'a fresh clone serves the page after npm start, and builds it again only after a change',
  { timeout: 300_000 },
  async (t) => {
    const clone = await mkdtemp(join(tmpdir(), 'gale-clone-'));
    t.after(() => rm(clone, { recursive: true, force: true }));
    for (const path of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')) {
      await cp(join(root, path), join(clone, path));
    }
    // The shell of a new user does not have the variables of the npm script that runs this test.
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_)/i.test(name)),
    );
    const options = { cwd: clone, env: { ...environment, PORT: '0', DATA_DIR: '' } };
    execFileSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { ...options, stdio: 'pipe' });

    // A new process group, so that npm, its shell and the server end together.
    const npm = spawn('npm', ['start'], { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(async () => {
      if (npm.exitCode !== null || npm.pid === undefined) return;
      const ended = once(npm, 'exit');
      process.kill(-npm.pid, 'SIGTERM');
      await ended;
    });
    const address = await new Promise<string>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = /http:\/\/localhost:\d+/.exec(output);
        if (found) resolve(found[0]);
      };
      npm.stdout.on('data', read);
      npm.stderr.on('data', read);
      npm.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${output}`)));
    });
    const page = await fetch(address);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<form[^>]*action="\/setup"/);

    const builtAt = async (): Promise<number> => (await stat(join(clone, 'chat/dist/.vite/manifest.json'))).mtimeMs;
    const startAgain = (): unknown => execFileSync('npm', ['start', '--', '--help'], { ...options, stdio: 'pipe' });
    const first = await builtAt();
    startAgain();
    assert.equal(await builtAt(), first, 'the page is built once');
    await utimes(join(clone, 'chat/browser/main.tsx'), new Date(), new Date());
    startAgain();
    assert.ok((await builtAt()) > first, 'a change builds the page again');
  },
);
