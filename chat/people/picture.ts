/**
 * Pictures of people. The page makes them small before it sends them; the server checks type and size by the bytes, and does not decode
 * them. It removes what a camera wrote into the file.
 */
import { createHash } from 'node:crypto';
import { withoutMetadata } from './picture-metadata.ts';
import type { Picture } from './people-store.ts';

/** Most bytes of a picture. The page sends 256 × 256 pixels in WebP or JPEG, about 20 KB. A form has at most 64 KiB. */
export const maxPictureBytes: number = 48 * 1024;
/** Most pixels of a side. */
export const maxPicturePixels = 512;

/** Why a picture is refused. */
export type PictureProblem = 'pictureType' | 'pictureTooLarge';

/** Reads the type and the size of a file. */
export function readPicture(bytes: Uint8Array): { readonly picture: Picture } | { readonly problem: PictureProblem } {
  if (bytes.byteLength > maxPictureBytes) return { problem: 'pictureTooLarge' };
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readPng(view) ?? readJpeg(view) ?? readWebp(view);
  if (read === undefined) return { problem: 'pictureType' };
  const isSmall = read.width <= maxPicturePixels && read.height <= maxPicturePixels;
  if (!isSmall || read.width === 0 || read.height === 0) return { problem: 'pictureTooLarge' };
  const clean = withoutMetadata(read.type, view);
  const hash = createHash('sha256').update(clean).digest('base64url').slice(0, 22);
  return { picture: { type: read.type, bytes: clean, hash } };
}

interface Size {
  readonly type: Picture['type'];
  readonly width: number;
  readonly height: number;
}

/** @see PNG (third edition) §5.2 and §11.2.1: the signature, then the header with the size. */
function readPng(bytes: Buffer): Size | undefined {
  if (bytes.byteLength < 33 || bytes.toString('latin1', 0, 16) !== '\x89PNG\r\n\x1A\n\0\0\0\rIHDR') return undefined;
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** @see ITU T.81 §B.1: segments with their length until the start of a frame, which has the size. */
function readJpeg(bytes: Buffer): Size | undefined {
  if (bytes.byteLength < 4 || bytes.readUInt16BE(0) !== 0xff_d8) return undefined;
  for (let at = 2; at + 9 <= bytes.byteLength; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    // Start of frame; C4, C8 and CC are other segments.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { type: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
  }
  return undefined;
}

/** @see RFC 9649 §2.4 to §2.7: RIFF with a lossy, lossless or extended chunk. */
function readWebp(bytes: Buffer): Size | undefined {
  if (bytes.byteLength < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  const type = 'image/webp';
  switch (bytes.toString('latin1', 8, 16)) {
    case 'WEBPVP8 ':
      return { type, width: bytes.readUInt16LE(26) & 0x3f_ff, height: bytes.readUInt16LE(28) & 0x3f_ff };
    case 'WEBPVP8L': {
      const bits = bytes.readUInt32LE(21);
      return { type, width: 1 + (bits & 0x3f_ff), height: 1 + ((bits >>> 14) & 0x3f_ff) };
    }
    case 'WEBPVP8X':
      return { type, width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
    default:
      return undefined;
  }
}
