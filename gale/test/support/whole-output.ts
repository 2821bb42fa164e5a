/**
 * Loaded into each process of a test file by the scripts `test` and `test:full`. With `--test-force-exit` a process ends when its last test has
 * ended, also if the results of the last tests are not written yet: some tests were then missing from the count. Writes that block
 * until the runner has read them lose nothing.
 */
interface Pipe {
  setBlocking?(isBlocking: boolean): void;
}

if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  const { _handle } = process.stdout as unknown as { readonly _handle?: Pipe };
  _handle?.setBlocking?.(true);
}
