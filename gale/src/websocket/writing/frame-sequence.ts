/**
 * The frames that connections have queued in one turn of the event loop, as a tree. Each node is its parent's frames plus one.
 * A connection holds only the node of its queue. Connections with the same frames in the same order hold the same node, so
 * their bytes are joined once. No sockets here.
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
  /** List of all nodes: the root refers to the newest, each other node to the one created before it. */
  #created: FrameSequence | undefined = undefined;

  /** Creates an empty sequence; {@link followedBy} creates longer ones. */
  constructor(parent?: FrameSequence, last?: PreparedMessage) {
    this.#parent = parent;
    this.#last = last;
    this.bytes = parent === undefined ? 0 : parent.bytes + last!.frame.length;
    this.#root = parent === undefined ? this : parent.#root;
  }

  /** This sequence plus `message`: the same object for the same messages in the same order. */
  followedBy(message: PreparedMessage): FrameSequence {
    // One room at a time finds the node by its parent; many rooms in turn find it by the message.
    const child = this.#newestChild;
    if (child !== undefined && child.#last === message) return child;
    const sequence = message.sequence;
    if (sequence !== undefined && sequence.#parent === this) return sequence;
    return this.#grow(message);
  }

  /** All frames in one buffer, created on first use; a single frame is not copied. */
  joined(): Buffer {
    return (this.#joined ??= this.#join());
  }

  /** Removes references from messages to this tree, so that a kept message does not keep an old turn alive. Root only. */
  release(): void {
    for (let node = this.#created; node !== undefined; node = node.#created) {
      if (node.#last!.sequence === node) node.#last!.sequence = undefined;
    }
  }

  #grow(message: PreparedMessage): FrameSequence {
    const child = new FrameSequence(this, message);
    child.#created = this.#root.#created;
    this.#root.#created = child;
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
