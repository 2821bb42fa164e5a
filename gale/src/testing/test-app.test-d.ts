/** Types of testApp: typed applications are accepted, and misspelt names do not compile. */
import { Application } from '../web/application.ts';
import { RequestHandler } from '../web/handler.ts';
import { testApp } from './test-app.ts';
import type { TestApp } from './test-app.ts';

class Story extends RequestHandler {
  get(_path: { id: string }): void {}
}

const routes = [['/story/:id', Story, { name: 'story' }]] as const;

export const started: Promise<TestApp> = testApp(new Application(routes));
export const built: Promise<TestApp> = testApp(
  async ({ log, clock }) => new Application(routes, { log, now: clock.now }),
);

export async function use(app: TestApp): Promise<void> {
  const response: Response = await app.request('/', { form: { a: ['1'], b: '2' } });
  await app.request('/', { json: [1], headers: { a: 'b' } });
  await app.fetch('/', { body: response.body });
  const message: string | Buffer = await (await app.connect('/socket', { protocols: ['chat'] })).next();
  const value: string | undefined = app.cookies.get(String(message));
  // @ts-expect-error A misspelt name does not compile.
  await app.request('/', { jsn: value });
  // @ts-expect-error The values of a form are text.
  await app.request('/', { form: { a: 1 } });
  // @ts-expect-error A clock is a function.
  await testApp(new Application(routes, { now: 5 }));
  // @ts-expect-error An application is needed.
  await testApp({});
}
