import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { withoutMetadata } from './picture-metadata.ts';
import { readPicture } from './picture.ts';

const secret = Buffer.from('GPS 48.8584 N 2.2945 E');

function jpegSegment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.byteLength + 2, 2);
  return Buffer.concat([head, data]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  const typed = Buffer.concat([Buffer.from(type), data]);
  length.writeUInt32BE(data.byteLength);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

function webpChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.byteLength);
  return Buffer.concat([Buffer.from(type), length, data, Buffer.alloc(data.byteLength % 2)]);
}

function webp(chunks: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(4);
  const rest = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  size.writeUInt32LE(rest.byteLength);
  return Buffer.concat([Buffer.from('RIFF'), size, rest]);
}

const jfif = jpegSegment(0xe0, Buffer.from('JFIF\0\u0001\u0001\0\0\u0001\0\u0001\0\0', 'latin1'));
const frame = jpegSegment(0xc0, Buffer.from([8, 0, 4, 0, 4, 1, 1, 0x11, 0]));
const scan = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([1, 2, 3, 0xff, 0xd9])]);
const start = Buffer.from([0xff, 0xd8]);
const header = Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 6, 0, 0, 0]);
const signature = Buffer.from('\x89PNG\r\n\x1A\n', 'latin1');
const extended = (flags: number): Buffer => webpChunk('VP8X', Buffer.from([flags, 0, 0, 0, 3, 0, 0, 3, 0, 0]));
const pixels = webpChunk('VP8L', Buffer.from([0x2f, 3, 0xc0, 0, 0]));

const pictures = {
  'image/jpeg': {
    sent: Buffer.concat([
      start,
      jfif,
      jpegSegment(0xe1, secret),
      jpegSegment(0xed, secret),
      jpegSegment(0xfe, secret),
      frame,
      scan,
    ]),
    clean: Buffer.concat([start, jfif, frame, scan]),
  },
  'image/png': {
    sent: Buffer.concat([
      signature,
      pngChunk('IHDR', header),
      pngChunk('eXIf', secret),
      pngChunk('tEXt', secret),
      pngChunk('IDAT', Buffer.from([1, 2, 3])),
      pngChunk('IEND', Buffer.alloc(0)),
      secret,
    ]),
    clean: Buffer.concat([
      signature,
      pngChunk('IHDR', header),
      pngChunk('IDAT', Buffer.from([1, 2, 3])),
      pngChunk('IEND', Buffer.alloc(0)),
    ]),
  },
  'image/webp': {
    sent: Buffer.concat([
      webp([
        extended(0x0c),
        pixels,
        webpChunk('EXIF', Buffer.concat([secret, Buffer.from('!')])),
        webpChunk('XMP ', secret),
      ]),
      secret,
    ]),
    clean: webp([extended(0), pixels]),
  },
} as const;

for (const [type, { sent, clean }] of Object.entries(pictures)) {
  test(`${type} loses what a camera wrote about it and keeps the rest byte for byte`, () => {
    const read = readPicture(sent);
    assert.ok('picture' in read, JSON.stringify(read));
    assert.equal(read.picture.type, type);
    assert.deepEqual(Buffer.from(read.picture.bytes), clean);
    const again = readPicture(clean);
    assert.ok('picture' in again);
    assert.equal(again.picture.hash, read.picture.hash, 'a clean picture stays as it is');
  });

  test(`${type} that is cut or broken anywhere is read without an error`, () => {
    for (let end = 0; end <= sent.byteLength; end++) {
      withoutMetadata(type as keyof typeof pictures, sent.subarray(0, Math.max(end, 12)));
      const broken = Buffer.from(sent);
      broken.fill(0xff, end, Math.min(end + 4, sent.byteLength));
      readPicture(broken);
    }
  });
}
