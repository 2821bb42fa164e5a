/** Loaded before a server with `--import`: the clock of this process is ahead by `CLOCK_AHEAD_MS`. */
const aheadMs = Number(process.env['CLOCK_AHEAD_MS']);
const realNow = Date.now;
const RealDate = Date;

Date.now = () => realNow() + aheadMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, created) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, created) as object,
  apply: (target) => new target(target.now()).toString(),
});
