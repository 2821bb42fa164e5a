/** Compressed messages of a client, written without Gale, and connections that offer compression. */
import { constants, deflateRawSync } from 'node:zlib';
import { opcodes } from '../../../src/websocket/protocol/frame.ts';
import { clientFrame } from './websocket-bytes.ts';
import { connectPeer, upgradeRequestOffering } from './websocket-peer.ts';
import type { WebSocketPeer } from './websocket-peer.ts';

/** The payload of a message with a dictionary of earlier messages. */
export function deflate(message: string | Uint8Array, before = ''): Buffer {
  const dictionary = before === '' ? {} : { dictionary: Buffer.from(before) };
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary }).subarray(0, -4);
}

/** A message as a client compresses it. */
export function compressed(message: string | Uint8Array, before = ''): Buffer {
  const deflated = deflate(message, before);
  return clientFrame(typeof message === 'string' ? opcodes.text : opcodes.binary, deflated, { reserved: 4 });
}

/** Connects and offers compression. */
export function connectOffering(port: number, extensions = 'permessage-deflate'): Promise<WebSocketPeer> {
  return connectPeer(port, upgradeRequestOffering(extensions));
}
