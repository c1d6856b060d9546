// `node --import "…/otherTime.mjs?realMs=R&otherMs=O&speed=S" program`: a program for which it was O at the real instant R and
// for which time passes S times as fast (1 unless given). Date, performance.now and timers; what the system itself times,
// such as sockets, keeps real time.
const query = new URL(import.meta.url).searchParams;
const realMs = Number(query.get("realMs"));
const otherMs = Number(query.get("otherMs"));
const speed = Number(query.get("speed") ?? 1);
if (![realMs, otherMs, speed].every((value) => Number.isFinite(value) && value > 0))
  throw new RangeError("otherTime.mjs wants realMs, otherMs and speed");

const { timeOrigin } = performance;
const monoMs = performance.now.bind(performance);
const nowMs = () => Math.floor(otherMs + (timeOrigin + monoMs() - realMs) * speed);

const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length ? args : [nowMs()], as),
  apply: () => new RealDate(nowMs()).toString(),
  get: (target, key) => (key === "now" ? nowMs : Reflect.get(target, key)),
});
Object.defineProperty(performance, "now", { value: () => monoMs() * speed });
if (speed !== 1)
  for (const name of ["setTimeout", "setInterval"]) {
    const real = globalThis[name];
    const timed = (run, ms = 0, ...args) => real(run, ms / speed, ...args);
    // What `util.promisify` looks for.
    Object.defineProperties(timed, Object.getOwnPropertyDescriptors(real));
    globalThis[name] = timed;
  }
