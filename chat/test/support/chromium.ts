/**
 * The Chromium of the browser journeys: carried inside an npm package, unpacked once into node_modules/.cache.
 * Its own copies of the libraries it needs come along, so a machine needs nothing else installed.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const folder = fileURLToPath(new URL('../../../node_modules/.cache/gale-chromium', import.meta.url));

/**
 * Starts a headless Chromium with its security checks on.
 *
 * @returns A browser that the caller closes.
 */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(folder)) await unpack();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // Tests may run as root, in a container without user namespaces: no sandbox. Nothing else is loosened.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  });
}

/** Unpacks beside the final place and renames, so that test files that do it at the same time see all or nothing. */
async function unpack(): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const before = { ...process.env };
  process.env['TMPDIR'] = fresh;
  // The package unpacks its libraries only where it believes to be on such a machine, and then changes the environment.
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs24.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    for (const name of ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  await rename(fresh, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error;
    await rm(fresh, { recursive: true });
  });
}
