/**
 * `npm run bench -- mask`: Gale's masking of 1 MiB, in this process, compared with a copy of the same bytes and with the mask
 * of ws without `bufferutil`, in JavaScript if Node.js has none. Each round measures each contestant once.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineOptions } from 'gale';
import { applyMask } from '../../gale/src/websocket/protocol/mask.ts';
import { node, versionOf, withNpm } from '../installed.ts';
import { named } from '../named.ts';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';

const byteCount = 1024 * 1024;
const mask = 0x37fa213d;
const maskBytes = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const copied = Buffer.allocUnsafeSlow(byteCount);

interface Masker {
  readonly name: string;
  /** Processes all bytes once. */
  readonly run: (bytes: Buffer) => void;
  readonly version: string;
}

/** Measures, prints the table and, with `--save`, writes it to results/. */
export async function runMaskBenchmark(words: readonly string[]): Promise<void> {
  const maskers = await installedMaskers();
  const options = defineOptions(
    {
      only: {
        type: 'text',
        default: 'all',
        help: `Separated by commas: ${maskers.map(({ name }) => name).join(', ')}`,
      },
      rounds: { type: 'integer', default: 15, min: 1, help: 'Measurements of each' },
      seconds: { type: 'integer', default: 1, min: 1, help: 'Seconds of each round, for all contestants together' },
      save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
    },
    'npm run bench -- mask [options]',
  );
  const { only, rounds, seconds, save } = options.parse(words);
  const table = tableOf(named('only', maskers, only), rounds, seconds);
  console.log(`\nmask: 1 MiB masked in place\n\n${table}\n`);
  if (!save) return;
  const page = `# WebSocket, mask: 1 MiB masked in place

${machineText()}; ${rounds} interleaved rounds; medians (least–greatest); copy: \`Buffer.copy\` of as many bytes; unaligned: from
an odd address on.

${table}

${maskers.map(({ name, version }) => `- ${name}: ${version}`).join('\n')}

Again: \`${['npm run bench -- mask', ...words].join(' ')}\`; [how it is measured](../README.md).
`;
  await writeFile(new URL('../results/websocket-mask.md', import.meta.url), page);
}

function tableOf(maskers: readonly Masker[], rounds: number, seconds: number): string {
  const memory = Buffer.alloc(byteCount + 1, 'payload');
  const places = [memory.subarray(0, byteCount), memory.subarray(1)];
  const runs = maskers.flatMap((masker) => places.map((bytes) => ({ masker, bytes, rates: [] as number[] })));
  const milliseconds = (seconds * 1000) / runs.length;
  for (const { masker, bytes } of runs) gigabytesPerSecond(masker, bytes, milliseconds);
  for (let round = 0; round < rounds; round += 1) {
    for (const { masker, bytes, rates } of runs) rates.push(gigabytesPerSecond(masker, bytes, milliseconds));
  }
  const rows = maskers.map((masker) => [
    masker.name,
    ...runs.filter((run) => run.masker === masker).map(({ rates }) => spreadText(rates, 2)),
  ]);
  return linesOf(['', 'GB/s, aligned', 'GB/s, unaligned'], rows);
}

/** Gigabytes of 10⁹ bytes. */
function gigabytesPerSecond({ run }: Masker, bytes: Buffer, milliseconds: number): number {
  const startedAt = performance.now();
  let times = 0;
  let elapsed = 0;
  for (; elapsed < milliseconds; elapsed = performance.now() - startedAt) {
    run(bytes);
    times += 1;
  }
  return (times * bytes.length) / (elapsed * 1e6);
}

async function installedMaskers(): Promise<Masker[]> {
  const maskers: Masker[] = [
    { name: 'copy', run: (bytes) => bytes.copy(copied), version: node },
    { name: 'gale', run: (bytes) => applyMask(bytes, mask), version: node },
  ];
  const ws = await versionOf('ws').catch(() => undefined);
  if (ws === undefined) {
    console.error(`ws is not installed and is skipped; to install it: ${withNpm}`);
    return maskers;
  }
  // The package does not export this file, so it is imported by its path.
  process.env['WS_NO_BUFFER_UTIL'] = '1';
  const { unmask } = createRequire(import.meta.url)('../node_modules/ws/lib/buffer-util.js') as {
    readonly unmask: (bytes: Buffer, mask: Buffer) => void;
  };
  return [...maskers, { name: 'ws', run: (bytes) => unmask(bytes, maskBytes), version: `${ws}, ${node}` }];
}
