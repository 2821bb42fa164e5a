/** `gale routes`: prints the routes of an application in the order in which they are tried. It does not listen. */
import type { ListedRoute } from '../web/listed-route.ts';
import { importApplication, isListedApplication } from './application-file.ts';
import { CommandLineError, readCommandLine, type Command } from './command-line.ts';

/** Prints methods, path, name and handler of each route. */
export const routesCommand: Command = {
  usage: 'routes FILE',
  help: 'Print the routes of the application that FILE exports.',
  async run(given) {
    const { words } = readCommandLine(this, {}, given);
    const [file] = words;
    if (file === undefined || words.length > 1)
      throw new CommandLineError('routes takes one file: npx gale routes FILE');
    const application = await importApplication(file);
    const rows = application.routes().flatMap((route) => rowsOf(route, ''));
    const hasHosts = rows.some(({ host }) => host !== '');
    const titles = { methods: 'METHODS', path: 'PATH', name: 'NAME', handler: 'HANDLER', host: 'HOST' };
    const columns = ['methods', 'path', 'name', 'handler', ...(hasHosts ? ['host'] : [])] as (keyof RouteRow)[];
    process.stdout.write(formatTable([titles, ...rows].map((row) => columns.map((column) => row[column]))));
    return 0;
  },
};

/** One line. */
interface RouteRow {
  readonly methods: string;
  readonly path: string;
  readonly name: string;
  readonly handler: string;
  /** Empty for every host. */
  readonly host: string;
}

/** The row of a route, or those of the application that is mounted there. */
function rowsOf({ methods, path, name, handler, host }: ListedRoute, prefix: string): RouteRow[] {
  const whole = prefix + String(path);
  const mounted: unknown = handler;
  if (isListedApplication(mounted)) return mounted.routes().flatMap((route) => rowsOf(route, whole));
  const shownHost = host === undefined ? '' : String(host);
  return [
    { methods: methods.join(', '), path: whole, name: name ?? '', handler: handlerName(handler), host: shownHost },
  ];
}

/** A class and a function have a name; an object of functions has verbs. */
function handlerName(handler: unknown): string {
  if (typeof handler === 'function') return handler.name === '' ? '(function)' : handler.name;
  return `{ ${Object.keys(Object(handler)).join(', ')} }`;
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
