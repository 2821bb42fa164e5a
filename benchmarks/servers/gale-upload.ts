/**
 * Gale for the benchmark `upload`: `/disk` moves an uploaded file, `/stream` counts the bytes of its parts. It uses only the exports of
 * the package. `node gale-upload.ts --port=N`.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, RequestHandler } from 'gale';

const port = Number(process.argv[2]?.split('=')[1]);
const limit = 1024 ** 3;

class Disk extends RequestHandler {
  async post(): Promise<void> {
    const [file] = this.files['file'] ?? [];
    const path = join(tmpdir(), 'moved');
    await file?.moveTo(path, { overwrite: true });
    await rm(path);
    this.write({ size: file?.size });
  }
}

class Stream extends RequestHandler {
  static override readonly bodyMode = 'stream';
  async post(): Promise<void> {
    let size = 0;
    for await (const part of this.parts()) for await (const piece of part) size += piece.length;
    this.write({ size });
  }
}

const application = new Application(
  [
    ['/disk', Disk],
    ['/stream', Stream],
  ],
  { maxFileBytes: limit, server: { maxBodyBytes: limit } },
);
await application.listen(port, '127.0.0.1');
