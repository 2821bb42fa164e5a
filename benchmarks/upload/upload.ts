/**
 * `npm run bench -- upload`: a multipart form with a file of 100 MiB, uploaded again and again over one connection each: to a temporary
 * file that is then moved (`disk`), and read part by part (`stream`). Gale beside Fastify with its plugin.
 */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { defineOptions } from 'gale';
import { galeProgram, galeVersion, node, versionOf, withNpm } from '../installed.ts';
import { readProcessCost } from '../process-cost.ts';
import { machineText } from '../result-page.ts';
import { startServer } from '../server-process.ts';
import { linesOf, spreadText } from '../table.ts';

const mebibyte = 1024 * 1024;
const works = ['disk', 'stream'] as const;
type WorkName = (typeof works)[number];

interface Figures {
  readonly mebibytesPerSecond: number[];
  readonly cpuMilliseconds: number[];
  readonly growthMebibytes: number[];
}

/** Measures, prints a table for each work and, with `--save`, writes them to results/. */
export async function runUploadBenchmark(words: readonly string[]): Promise<void> {
  const options = defineOptions(
    {
      mebibytes: { type: 'integer', default: 100, min: 1, help: 'Size of the file in MiB' },
      uploads: { type: 'integer', default: 5, min: 1, help: 'Uploads of each measurement' },
      rounds: { type: 'integer', default: 5, min: 1, help: 'Measurements of each server' },
      save: { type: 'switch', default: false, help: 'Write the tables to benchmarks/results/' },
    },
    'npm run bench -- upload [options]',
  );
  const { mebibytes, uploads, rounds, save } = options.parse(words);
  const servers = await installedServers();
  const tables: string[] = [];
  for (const work of works) {
    const all = servers.map((server) => ({ ...server, figures: emptyFigures() }));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, command, figures } of all) {
        await measure(command, work, { mebibytes, uploads }, figures);
        console.error(`${work}, round ${round} of ${rounds}: ${name}`);
      }
    }
    const rows = all.map(({ name, figures }) => [
      name,
      spreadText(figures.mebibytesPerSecond, 0),
      spreadText(figures.cpuMilliseconds, 0),
      spreadText(figures.growthMebibytes, 0),
    ]);
    const table = linesOf(['server', 'MiB/s', 'CPU ms per upload', 'MiB of growth'], rows);
    console.log(`\nupload, ${work}\n\n${table}\n`);
    tables.push(`## ${work}\n\n${table}`);
  }
  if (!save) return;
  const page = `# Multipart upload of ${mebibytes} MiB

${machineText()}; ${rounds} interleaved rounds of ${uploads} uploads; medians (least–greatest). Growth is the most resident memory during the
uploads, minus that after one of 1 MiB. \`disk\`: to a temporary file, which is then moved. \`stream\`: read part by part.

${tables.join('\n\n')}

${servers.map(({ name, version }) => `- ${name}: ${version}`).join('\n')}

Command: \`${['npm run bench -- upload', ...words].join(' ')}\`; [method](../README.md).
`;
  await writeFile(new URL('../results/http-upload.md', import.meta.url), page);
}

interface UploadServer {
  readonly name: string;
  readonly version: string;
  readonly command: (port: number) => readonly string[];
}

async function installedServers(): Promise<UploadServer[]> {
  const servers: UploadServer[] = [
    {
      name: 'gale',
      version: `${await galeVersion()}, ${node}`,
      command: (port) => [...galeProgram, 'servers/gale-upload.ts', `--port=${port}`],
    },
  ];
  const plugin = await versionOf('@fastify/multipart').catch(() => undefined);
  if (plugin === undefined) console.error(`fastify is not installed and is skipped; to install it: ${withNpm}`);
  else {
    servers.push({
      name: 'fastify',
      version: `${await versionOf('fastify')}, @fastify/multipart ${plugin}, ${node}`,
      command: (port) => [process.execPath, 'rivals/fastify-upload.js', `--port=${port}`],
    });
  }
  return servers;
}

function emptyFigures(): Figures {
  return { mebibytesPerSecond: [], cpuMilliseconds: [], growthMebibytes: [] };
}

async function measure(
  command: (port: number) => readonly string[],
  work: WorkName,
  { mebibytes, uploads }: { readonly mebibytes: number; readonly uploads: number },
  figures: Figures,
): Promise<void> {
  const server = await startServer(command);
  try {
    await upload(server.port, work, 1);
    const before = readProcessCost(server.pid);
    let greatest = before.residentBytes;
    const sampling = setInterval(() => {
      greatest = Math.max(greatest, readProcessCost(server.pid).residentBytes);
    }, 10);
    const beganAt = performance.now();
    for (let count = 0; count < uploads; count += 1) await upload(server.port, work, mebibytes);
    const seconds = (performance.now() - beganAt) / 1000;
    clearInterval(sampling);
    figures.mebibytesPerSecond.push((uploads * mebibytes) / seconds);
    figures.cpuMilliseconds.push(
      (readProcessCost(server.pid).cpuMicroseconds - before.cpuMicroseconds) / 1000 / uploads,
    );
    figures.growthMebibytes.push((greatest - before.residentBytes) / mebibyte);
  } finally {
    await server.stop();
  }
}

const piece = Buffer.alloc(mebibyte, 'film ');

/** Uploads a file. @throws If the response does not have its size. */
async function upload(port: number, work: WorkName, mebibytes: number): Promise<void> {
  const head = '--film\r\nContent-Disposition: form-data; name="file"; filename="film.bin"\r\n\r\n';
  const end = '\r\n--film--\r\n';
  const length = head.length + mebibytes * mebibyte + end.length;
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  const closed = once(socket, 'close');
  socket.write(
    `POST /${work} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=film\r\nContent-Length: ${length}\r\n\r\n${head}`,
  );
  for (let count = 0; count < mebibytes; count += 1) {
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  socket.write(end);
  await closed;
  if (!received.includes(`{"size":${mebibytes * mebibyte}}`)) throw new Error(`The server sent ${received}`);
}
