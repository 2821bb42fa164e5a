/**
 * Changes the bytes of a response's body while it is sent, such as compression. A response has a chain of transforms: the first
 * one gets what the handler wrote, the next one gets its output.
 */
import { GaleError } from '../errors.ts';
import type { HttpResponse } from '../http/response.ts';
import { isThenable } from '../http/thenable.ts';
import { showValue, wrongValue } from '../run/given-options.ts';
import { isStrongTag } from './entity-tag.ts';
import { findField, headerField, withField, withoutField, type HeaderField } from './header-fields.ts';

/** One change of a body. The calls for one response never overlap: the next one waits for the promise of the last. */
export interface BodyTransform {
  /**
   * Takes the bytes of one `flush`, possibly none.
   *
   * @param bytes - Not changed later. The transform may keep them, but must not change them.
   * @returns All output that the bytes so far allow, since the client waits for it.
   */
  push(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Takes the last bytes. For a response that is sent as a whole, this is the only call. */
  end(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Called instead of `end` if the rest of the body is not sent: the client left, an error page, HEAD, 304. */
  cancel?(): void;
}

/** The transforms of one response, in order. */
export class BodyTransforms {
  readonly #transforms: BodyTransform[] = [];
  #turn: Promise<unknown> | undefined;
  #isOver = false;
  readonly #onError: (error: unknown) => void;

  /** @param onError - Called for each `cancel` that throws. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /**
   * Appends a transform: it gets the output of the earlier ones.
   *
   * @throws {@link GaleError} `OPTION_VALUE` if a method is missing, such as for a `TransformStream`.
   */
  add(transform: BodyTransform): void {
    const { push, end, cancel } = (transform ?? {}) as Partial<BodyTransform>;
    if (
      typeof push !== 'function' ||
      typeof end !== 'function' ||
      (cancel !== undefined && typeof cancel !== 'function')
    )
      throw wrongValue('transform', 'an object with the methods push, end and perhaps cancel', transform);
    this.#transforms.push(transform);
  }

  /** Transforms a part and queues its bytes. Resolves when the socket has room for more. */
  write(response: HttpResponse, body: string | Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const bytes = await this.#through('push', body);
      return bytes.byteLength > 0 ? response.write(bytes) : undefined;
    });
  }

  /** Transforms the last part, and queues its bytes and the end of the response. */
  end(response: HttpResponse, body: string | Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const bytes = await this.whole(body);
      if (bytes.byteLength > 0) await response.write(bytes);
      await response.end();
    });
  }

  /** Transforms a whole body; synchronous if the transforms are. */
  whole(body: string | Uint8Array): Uint8Array | Promise<Uint8Array> {
    const bytes = this.#through('end', body);
    if (!isThenable(bytes)) this.#isOver = true;
    else void bytes.then(() => (this.#isOver = true)).then(undefined, () => {});
    return bytes;
  }

  /** Ends all transforms, unless they have ended. Never throws. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const transform of this.#transforms) {
      try {
        const cancelled: unknown = transform.cancel?.();
        if (isThenable(cancelled)) cancelled.then(undefined, this.#onError);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** The fields for a transformed body: no length, and no strong tag, since the tag is that of other bytes (RFC 9110 §8.8.1). */
  changeFields(fields: readonly HeaderField[]): readonly HeaderField[] {
    const tag = findField(fields, 'etag');
    const weakened =
      tag !== undefined && isStrongTag(tag) ? withField(fields, headerField('Etag', `W/${tag}`)) : fields;
    return withoutField(weakened, 'content-length');
  }

  #through(step: 'push' | 'end', body: string | Uint8Array): Uint8Array | Promise<Uint8Array> {
    let bytes: Uint8Array = typeof body === 'string' ? Buffer.from(body) : body;
    for (const [index, transform] of this.#transforms.entries()) {
      const changed = transform[step](bytes);
      if (isThenable(changed)) return this.#throughRest(step, changed, index + 1);
      bytes = assertBytes(step, changed);
    }
    return bytes;
  }

  async #throughRest(step: 'push' | 'end', first: PromiseLike<Uint8Array>, next: number): Promise<Uint8Array> {
    let bytes = assertBytes(step, await first);
    for (const transform of this.#transforms.slice(next)) bytes = assertBytes(step, await transform[step](bytes));
    return bytes;
  }

  /** Starts after the last step: its output must not overtake that of an earlier one. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#turn === undefined ? step() : this.#turn.then(step);
    this.#turn = turn;
    turn.catch(() => {});
    return turn;
  }
}

function assertBytes(step: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const rule = `${step}() of a transform must return bytes, an empty Uint8Array for none`;
  throw new GaleError('WEB_BODY', `${rule}; got ${showValue(value)}.`);
}
