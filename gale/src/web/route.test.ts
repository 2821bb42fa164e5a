import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

test('400 routes compile with at most 800 type instantiations a route', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-routes-'));
  t.after(() => rm(folder, { recursive: true }));
  const base = await countInstantiations(folder, 0, classRoute);
  assert.ok(base > 1000, `only ${base} instantiations without a route`);
  for (const [route, between] of [
    [classRoute, ''],
    // Half of them are after a spread list.
    [functionRoute, '...healthRoutes(),'],
  ] as const) {
    const perRoute = ((await countInstantiations(folder, 400, route, between)) - base) / 400;
    t.diagnostic(`${perRoute} instantiations a route`);
    assert.ok(perRoute > 10 && perRoute <= 800, `${perRoute} instantiations a route`);
  }
});

test('a type error is at the route and says why, also after a spread list', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-routes-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const lines = [
    `import { Application } from '${repository}gale/src/web/application.ts';`,
    `import { RequestHandler } from '${repository}gale/src/web/handler.ts';`,
    `import { healthRoutes } from '${repository}gale/src/web/health/health-routes.ts';`,
    'class Story extends RequestHandler { get(_params: { id: string }): void {} }',
    "new Application([['/story/:name', Story]]);",
    "new Application([...healthRoutes(), ['/story/:name', Story]]);",
    "new Application([['/', () => null]]);",
    "new Application([...healthRoutes(), ['/:id', ({ name }) => name]]);",
    "new Application([...healthRoutes(), ['/:id', ({ id }) => id], ['/b/:b', ({ b }) => b], ...healthRoutes()]);",
  ];
  await writeFile(join(folder, 'routes.ts'), lines.join('\n'));
  const compiled = promisify(execFile)(join(repository, 'node_modules/.bin/tsc'), ['--noEmit', '--project', folder]);
  const { stdout } = (await assert.rejects(compiled).then(() => compiled.catch((error: unknown) => error))) as {
    readonly stdout: string;
  };
  const messageAt = (line: number, column: number): string =>
    stdout.split(/^(?=\S)/m).find((text) => text.includes(`routes.ts(${line},${column})`)) ?? stdout;
  const reason = /"get\(\) of the handler does not accept the parameters of the path \/story\/:name"'\.\n$/;
  assert.match(messageAt(5, 35), reason);
  assert.match(messageAt(6, 17), reason);
  assert.match(messageAt(7, 24), /'null' is not assignable/);
  assert.match(messageAt(8, 49), /Property 'name' does not exist on type '\{ readonly id: string; \}'/);
  assert.match(messageAt(9, 49), /Binding element 'id' implicitly has an 'any' type/);
  assert.doesNotMatch(stdout, /NoPath/);
});

/** Compiles an application of `count` routes, each with its own handler, parameters, name and `init`. */
async function countInstantiations(
  folder: string,
  count: number,
  route: (number: number) => string,
  between = '',
): Promise<number> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'routes.ts'),
    `import { Application } from '${repository}gale/src/web/application.ts';
    import { RequestHandler } from '${repository}gale/src/web/handler.ts';
    import { healthRoutes } from '${repository}gale/src/web/health/health-routes.ts';
    ${numbers.map((number) => handlerClass(number)).join('\n')}
    export const application: Application = new Application([
      ${numbers
        .slice(0, count / 2)
        .map((number) => `${route(number)},`)
        .join('\n')}
      ${between}
      ${numbers
        .slice(count / 2)
        .map((number) => `${route(number)},`)
        .join('\n')}
    ]);`,
  );
  const { stdout } = await promisify(execFile)(
    join(repository, 'node_modules/.bin/tsc'),
    ['--noEmit', '--extendedDiagnostics', '--project', folder],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
}

const config = {
  extends: join(repository, 'tsconfig.json'),
  compilerOptions: {
    typeRoots: [join(repository, 'node_modules/@types')],
    // Applies to relative imports only.
    rewriteRelativeImportExtensions: false,
    noUnusedLocals: false,
  },
  include: ['.'],
};

function handlerClass(number: number): string {
  return `class Story${number} extends RequestHandler<unknown, { readonly count: number }> {
    get(_params: { id: string; comment: string }): void {}
    post(): void {}
  }`;
}

function functionRoute(number: number): string {
  return `['/section-${number}/:id/comments/:comment', ({ id, comment }) => id + comment, { name: 'story-${number}' }]`;
}

function classRoute(number: number): string {
  return `['/section-${number}/:id/comments/:comment', Story${number}, { name: 'story-${number}', init: { count: 1 } }]`;
}
