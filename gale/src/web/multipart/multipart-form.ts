/** Reads a whole multipart form: its fields as arguments, its files as {@link UploadedFile}. */
import type { Arguments } from '../arguments.ts';
import { HttpError } from '../http-error.ts';
import { FileCollector, type FileLimits } from './file-collector.ts';
import type { MultipartLimits } from './multipart-parser.ts';
import { MultipartReader, type IncomingPart } from './multipart-reader.ts';
import type { UploadedFile } from './uploaded-file.ts';

/** Limits of a form. */
export interface FormLimits extends MultipartLimits, FileLimits {
  readonly maxFieldBytes: number;
  /** Maximum for all fields together. */
  readonly maxFormBytes: number;
}

/** Counts the bytes of a form that stay in memory, as the body of a request does. */
export interface FormMemory {
  /** @throws {@link GaleError} `HTTP_BODY_MEMORY` or `HTTP_BODY_TOO_LARGE`. */
  keepBytes(bytes: number): void;
  dropBytes(bytes: number): void;
}

/** Files by the name of their field, each name with a list. */
export type UploadedFiles = Readonly<Record<string, readonly UploadedFile[]>>;

/** No files. */
export const noFiles: UploadedFiles = Object.freeze(Object.create(null) as UploadedFiles);

/**
 * Reads a form to its end. A file input in which nothing was selected is skipped.
 *
 * @param memory - Counts the bytes of the fields.
 * @param fields - Receives the fields.
 * @throws {@link HttpError} 400 if the form is malformed or truncated, 413 or 503 over a limit. All files are removed then.
 */
export async function readMultipartForm(
  source: AsyncIterable<Buffer>,
  memory: FormMemory,
  boundary: string | undefined,
  limits: FormLimits,
  fields: Arguments,
): Promise<UploadedFiles> {
  const reader = new MultipartReader(source, boundary, limits);
  const collector = new FileCollector(limits);
  const files = Object.create(null) as Record<string, UploadedFile[]>;
  let fieldBytes = 0;
  try {
    for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
      const { name, filename } = part.head;
      if (filename === undefined) {
        const value = await readField(part, memory, limits.maxFieldBytes, limits.maxFormBytes - fieldBytes);
        fieldBytes += value.length;
        fields.addValue(name, value);
      } else {
        const file = await collector.collect(part);
        if (filename !== '' || file.size > 0) (files[name] ??= []).push(file);
      }
    }
  } catch (error) {
    await removeFiles(files);
    await reader.close();
    throw error;
  }
  return files;
}

/** Removes the files that were not moved. */
export async function removeFiles(files: UploadedFiles): Promise<void> {
  for (const list of Object.values(files)) for (const file of list) await file.remove();
}

/**
 * Reads the value of a field.
 *
 * @throws {@link HttpError} 413 over a limit.
 */
export async function readField(
  part: IncomingPart,
  memory: FormMemory,
  maxFieldBytes: number,
  maxFormBytes: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of part.content()) {
    size += piece.length;
    if (size > maxFieldBytes)
      throw tooLarge(`The field ${JSON.stringify(part.head.name)} is`, 'maxFieldBytes', maxFieldBytes);
    if (size > maxFormBytes) throw tooLarge('All fields of the form together are', 'maxFormBytes');
    memory.keepBytes(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(what: string, limit: string, maxBytes?: number): HttpError {
  const amount = maxBytes === undefined ? `the limit (${limit})` : `${maxBytes} bytes (${limit})`;
  return new HttpError(413, undefined, { problem: { detail: `${what} over ${amount}.` } });
}
