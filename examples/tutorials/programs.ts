/** The programs of the tutorial by name. Each is loaded only when it is started. */
import type { Application, Settings } from 'gale';

/** Names as in `npm run example -- tutorials/NAME`. docs/guide/tutorials.md says what each shows. */
export const tutorials: Readonly<Record<string, (settings: Settings) => Promise<Application>>> = {
  routes: async (settings) => (await import('./routes.ts')).createRoutes(settings),
  'life-cycle': async (settings) => (await import('./life-cycle.ts')).createLifeCycle(settings),
  arguments: async (settings) => (await import('./arguments.ts')).createArguments(settings),
  templates: async (settings) => (await import('./templates.ts')).createTemplates(settings),
  'ui-modules': async (settings) => (await import('./ui-modules.ts')).createUiModules(settings),
  'static-files': async (settings) => (await import('./static-files.ts')).createStaticFiles(settings),
  cookies: async (settings) => (await import('./cookies.ts')).createCookies(settings),
  login: async (settings) => (await import('./login.ts')).createLogin(settings),
  'session-by-hand': async (settings) => (await import('./session-by-hand.ts')).createSessionByHand(settings),
  sessions: async (settings) => (await import('./sessions.ts')).createSessions(settings),
  'hash-ring': async (settings) => (await import('./hash-ring.ts')).createHashRing(settings),
  form: async (settings) => (await import('./form.ts')).createForm(settings),
  middleware: async (settings) => (await import('./middleware.ts')).createMiddleware(settings),
};
