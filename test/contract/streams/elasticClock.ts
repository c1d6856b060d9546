import { type Clock, clockFrom, systemClock } from "@hashwatt/protocol/time";

/** The system's clock at a speed that can be changed, so that minutes of outage take seconds; its wall clock can be set. */
export function elasticClock(): Clock & { factor: number; wallErrorMs: number } {
  const startMs = Date.now();
  let factor = 1;
  let since = performance.now();
  let passedMs = 0;
  const monoMs = () => passedMs + (performance.now() - since) * factor;
  const state = { wallErrorMs: 0 };
  const clock = clockFrom({
    monoMs,
    nowMs: () => startMs + monoMs() + state.wallErrorMs,
    after: (ms, run) => systemClock.after(ms / factor, run),
  });
  return Object.defineProperty(Object.assign(state, clock, { factor }), "factor", {
    get: () => factor,
    set: (to: number) => {
      passedMs = monoMs();
      since = performance.now();
      factor = to;
    },
  });
}
