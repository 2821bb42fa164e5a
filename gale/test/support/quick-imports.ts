/**
 * Loaded by the scripts `test` and `test:full` into each process of a test file, and into the Node.js processes that it starts. It resolves
 * relative imports of the repository by their address alone. Node.js also looks for a package.json, links and the file itself, for each of
 * hundreds of modules: that is a fifth to a third of the time until a process is ready.
 */
import { registerHooks } from 'node:module';

const repository = new URL('../../../', import.meta.url).href;
const packages = `${repository}node_modules/`;
/** The largest dependency by files. It has no TypeScript. */
const kysely = `${packages}kysely/dist/`;

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context;
    if (specifier.startsWith('.') && parentURL?.startsWith(repository)) {
      const isOwn = !parentURL.startsWith(packages);
      if (isOwn && specifier.endsWith('.ts')) return resolved(specifier, parentURL, 'module-typescript');
      if (specifier.endsWith('.js') && parentURL.startsWith(kysely)) return resolved(specifier, parentURL, 'module');
    }
    return next(specifier, context);
  },
});

function resolved(
  specifier: string,
  parentURL: string,
  format: string,
): { url: string; format: string; shortCircuit: true } {
  return { url: new URL(specifier, parentURL).href, format, shortCircuit: true };
}

const option = `--import=${import.meta.url}`;
const { NODE_OPTIONS: others = '' } = process.env;
if (!others.includes(option)) process.env['NODE_OPTIONS'] = `${others} ${option}`.trim();
