import { describe, expect, test } from "vitest";
import { isRetired } from "./identity/rigIndex.js";
import type { Overview } from "./overview.js";
import { RigTopics } from "./rigTopics.js";
import type { RigRecord } from "./store/state/state.js";

const record = (rig: number, holder = true): RigRecord => ({
  rig,
  site: "farm",
  agent: "a1",
  handle: `h${rig}`,
  name: `10.0.0.${rig}`,
  evidence: { address: `10.0.0.${rig}`, model: "S19", serial: "private" },
  aliases: holder ? [{ kind: "address", value: `farm/a1/h${rig}` }] : [],
  firstSeenMs: 0,
  lastSeenMs: 0,
});

function setUp(records: RigRecord[], state = false) {
  const published: [string, unknown][] = [];
  const overview = { rig: (id: string) => ({ id, site: "farm", sample: { status: "mining" }, figures: {} }) };
  const topics = new RigTopics({
    overview: overview as unknown as Overview,
    records: () => records,
    isRetired,
    publish: (topic, body) => published.push([topic, body]),
    state,
  });
  return { topics, published };
}

describe("what is said of rigs over MQTT", () => {
  test("info goes out on change, once", () => {
    const { topics, published } = setUp([record(1)]);
    topics.described(record(1));
    topics.described(record(1));
    topics.publish(0);
    topics.publish(250);
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject([
      "hashwatt/v1/farm/rig/r1/info",
      { id: "r1", model: "S19", agent: "a1" },
    ]);
  });

  test("the info of a rig that is gone is taken back", () => {
    const { topics, published } = setUp([]);
    topics.described(record(1, false));
    topics.publish(0);
    expect(published).toEqual([["hashwatt/v1/farm/rig/r1/info", ""]]);
  });

  test("the state of a rig that is gone is taken back too, where states are told", () => {
    const { topics, published } = setUp([record(1)], true);
    topics.described(record(1, false));
    topics.publish(0);
    expect(published.filter(([topic]) => topic.endsWith("/state")).at(0)).toEqual([
      "hashwatt/v1/farm/rig/r1/state",
      "",
    ]);
  });

  test("a whole fleet goes out in parts", () => {
    const { topics, published } = setUp(Array.from({ length: 1_200 }, (_, i) => record(i + 1)));
    topics.all();
    topics.publish(0);
    expect(published).toHaveLength(500);
    topics.publish(250);
    topics.publish(500);
    expect(new Set(published.map(([topic]) => topic)).size).toBe(1_200);
  });

  test("state goes out only where it is switched on, and every 30 s at most", () => {
    const off = setUp([record(1)]);
    off.topics.publish(0);
    expect(off.published).toEqual([]);
    const on = setUp([record(1), record(2, false)], true);
    for (let ms = 0; ms <= 59_000; ms += 250) on.topics.publish(ms);
    expect(on.published.map(([topic]) => topic)).toEqual(Array(2).fill("hashwatt/v1/farm/rig/r1/state"));
  });
});
