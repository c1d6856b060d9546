import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { HOUR_MS } from "../rollup/row.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { SpanOrKept } from "./spanOrKept.js";

const nowMs = Date.UTC(2026, 10, 26);
const at = (hours: number) => nowMs + hours * HOUR_MS;
const forever = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** A ledger from 12 hours ago to 2 hours ago whose store fails when it is to; 48 hours are kept. */
function setUp() {
  const state = new MemoryStateStore();
  const store: { failure?: Error } = {};
  state.ledger.span = async () => {
    if (store.failure) throw store.failure;
    return { fromMs: at(-12), toMs: at(-2) };
  };
  const logged: unknown[] = [];
  const log = {
    info: (text: string) => logged.push(text),
    error: ({ err, site }: { err: Error; site: string }, text: string) => logged.push([err, site, text]),
  } as never;
  const spans = new SpanOrKept({ state, keepMs: 48 * HOUR_MS, clock: fakeClock(nowMs), log });
  return { store, logged, spans };
}

test("a range is cut to what the ledger goes over, and to what is kept where its store does not say that", async () => {
  const { store, spans } = setUp();
  expect(await spans.within("s", at(-2), forever)).toEqual({ fromMs: at(-12), toMs: at(-2) });
  expect(await spans.within("s", at(-2), { fromMs: at(-5), toMs: at(-4) })).toEqual({
    fromMs: at(-5),
    toMs: at(-4),
  });
  expect(await spans.within("s", at(-2), { fromMs: at(-20), toMs: at(-12) })).toBeUndefined();
  store.failure = new Error("the disk is full");
  expect(await spans.within("s", at(-2), forever)).toEqual({ fromMs: at(-48), toMs: at(-2) });
  expect(await spans.within("s", at(-2), { fromMs: at(-20), toMs: at(-19) })).toEqual({
    fromMs: at(-20),
    toMs: at(-19),
  });
  expect(await spans.within("s", undefined, forever)).toBeUndefined();
});

test("a store that does not say how far ledgers go is told of once, with what it said, and once when it does again", async () => {
  const { store, logged, spans } = setUp();
  const ask = async (site: string) => spans.within(site, at(-2), forever);
  await ask("s");
  expect(logged).toEqual([]);
  const failure = new Error("the disk is full");
  store.failure = failure;
  for (const site of ["s", "t", "s"]) await ask(site);
  const told = [failure, "s", "how far a ledger goes cannot be read"];
  expect(logged).toEqual([told]);
  delete store.failure;
  for (const site of ["s", "t"]) await ask(site);
  expect(logged).toEqual([told, "it is read again how far ledgers go"]);
});
