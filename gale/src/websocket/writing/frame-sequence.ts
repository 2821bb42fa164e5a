/**
 * What connections have queued in one turn of the event loop, as a tree: each node is "what my parent says, then this frame".
 * A connection holds only the node its queue has come to. Those that were sent the same frames in the same order
 * stand on the same node, so their bytes are joined once, however many they are. No sockets here.
 */
import type { PreparedMessage } from './prepared-message.ts';

/** A node of the tree; the root is the empty sequence. */
export class FrameSequence {
  /** Bytes of the whole sequence. */
  readonly bytes: number;
  readonly #parent: FrameSequence | undefined;
  readonly #last: PreparedMessage | undefined;
  readonly #root: FrameSequence;
  #newestChild: FrameSequence | undefined = undefined;
  #joined: Buffer | undefined = undefined;
  /** On the root the newest node of the tree, on the others the one made before. */
  #made: FrameSequence | undefined = undefined;

  /** Makes an empty sequence; longer ones come from {@link followedBy}. */
  constructor(parent?: FrameSequence, last?: PreparedMessage) {
    this.#parent = parent;
    this.#last = last;
    this.bytes = parent === undefined ? 0 : parent.bytes + last!.frame.length;
    this.#root = parent === undefined ? this : parent.#root;
  }

  /** The sequence that is this one and then `message`: the same object for everybody who takes the same steps. */
  followedBy(message: PreparedMessage): FrameSequence {
    // One room at a time finds it by its parent; many rooms in turns find it by the message.
    const child = this.#newestChild;
    if (child !== undefined && child.#last === message) return child;
    const sequence = message.sequence;
    if (sequence !== undefined && sequence.#parent === this) return sequence;
    return this.#grow(message);
  }

  /** All frames in one buffer, made on first use; the frame itself where there is only one. */
  joined(): Buffer {
    return (this.#joined ??= this.#join());
  }

  /** Lets go of what the messages know about this tree, so one that is kept for long keeps no old turn alive. Root only. */
  release(): void {
    for (let node = this.#made; node !== undefined; node = node.#made) {
      if (node.#last!.sequence === node) node.#last!.sequence = undefined;
    }
  }

  #grow(message: PreparedMessage): FrameSequence {
    const child = new FrameSequence(this, message);
    child.#made = this.#root.#made;
    this.#root.#made = child;
    this.#newestChild = child;
    message.sequence = child;
    return child;
  }

  #join(): Buffer {
    const parent = this.#parent;
    if (parent === undefined) return Buffer.alloc(0);
    if (parent.#parent === undefined) return this.#last!.frame;
    const joined = Buffer.allocUnsafe(this.bytes);
    FrameSequence.#fill(joined, this);
    return joined;
  }

  static #fill(joined: Buffer, sequence: FrameSequence): void {
    for (let node = sequence; node.#parent !== undefined; node = node.#parent) {
      joined.set(node.#last!.frame, node.#parent.bytes);
    }
  }
}
