/**
 * The Chromium of the browser tests: from an npm package, unpacked once into node_modules/.cache.
 * The package contains the libraries that Chromium needs, so nothing else has to be installed.
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
 * @param args - More words of its command line.
 * @returns A browser that the caller closes.
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  if (!existsSync(folder)) await unpack();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // Tests may run as root, in a container without user namespaces, so the sandbox is off. All other security is on.
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', ...args],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  });
}

/** Unpacks into a temporary folder and renames it, so that concurrent test files never see half of it. */
async function unpack(): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const before = { ...process.env };
  process.env['TMPDIR'] = fresh;
  // The package unpacks its libraries only on AWS Lambda, and then changes the environment.
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
