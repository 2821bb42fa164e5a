/** A WebSocket of a rooms client without a network: the test writes the frames of the server. */

/** A socket whose other side is the test. */
export class ScriptedSocket extends EventTarget {
  readonly sent: Record<string, unknown>[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  receive(...frames: object[]): void {
    for (const frame of frames) this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  welcome(): void {
    this.receive({ type: 'welcome', protocol: 1, person: { id: 'ada', name: 'Ada' }, time: 0 });
  }

  cut(code = 1006, reason = ''): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
  }

  /** Commands of a type, with their refs. */
  commands(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['type'] === type);
  }

  /** Replies to the newest command of a type. */
  reply(type: string, fields: object = {}): void {
    this.receive({ type: 'reply', ref: this.commands(type).at(-1)?.['ref'], ...fields });
  }

  refuse(type: string, code: string, retry: boolean, more: object = {}): void {
    this.receive({ type: 'error', ref: this.commands(type).at(-1)?.['ref'], code, message: code, retry, ...more });
  }

  tooFast(type: string, retryAfterMs: number): void {
    this.refuse(type, 'ROOM_TOO_FAST', true, { retryAfterMs });
  }
}
