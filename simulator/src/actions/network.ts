import { numberOf } from "../parameters.js";
import { hashText } from "../random.js";
import type { Action } from "./action.js";

export const offline: Action = {
  name: "offline",
  says: "unplugged from the network: connections are refused",
  parameters: {},
  apply({ network }) {
    network.reach = "refused";
  },
};

export const partition: Action = {
  name: "partition",
  says: "the network between here and there is cut: connections get no answer",
  parameters: {},
  apply({ network }) {
    network.reach = "silent";
  },
};

export const slow: Action = {
  name: "slow",
  says: "answers come late",
  parameters: { by: { kind: "duration", default: 2000, says: "how late" } },
  apply({ network }, values) {
    network.delayMs += numberOf(values, "by");
  },
};

export const lossy: Action = {
  name: "lossy",
  says: "part of the connections get no answer",
  parameters: {
    share: { kind: "number", default: 0.2, least: 0, most: 1, says: "share of the connections" },
  },
  apply({ network }, values) {
    network.lossRatio = Math.max(network.lossRatio, numberOf(values, "share"));
  },
};

const every = {
  kind: "duration",
  default: 60_000,
  says: "from one time that it goes away to the next",
} as const;

/** Each rig goes away at a time of its own within the period. */
function phaseMs(key: number, periodMs: number, sinceMs: number): number {
  return (sinceMs + (hashText(`flap/${key}`) / 2 ** 32) * periodMs) % periodMs;
}

export const flapping: Action = {
  name: "flapping",
  says: "the network port comes and goes",
  parameters: {
    every,
    share: { kind: "number", default: 0.4, least: 0, most: 1, says: "share of the time that it is away" },
  },
  apply({ network }, values, since) {
    const periodMs = Math.max(2000, numberOf(values, "every"));
    if (phaseMs(since.key, periodMs, since.ms) < numberOf(values, "share") * periodMs)
      network.reach = "refused";
  },
  holdsMs: () => 1000,
};

export const garbled: Action = {
  name: "garbled",
  says: "answers are cut short, have stray bytes or broken JSON",
  parameters: { share: { kind: "number", default: 0.5, least: 0, most: 1, says: "share of the answers" } },
  apply({ network }, values) {
    network.garbledRatio = Math.max(network.garbledRatio, numberOf(values, "share"));
  },
};

export const clock: Action = {
  name: "clock",
  says: "the rig's own clock is wrong",
  parameters: {
    ahead: { kind: "number", default: 3600, least: -1e9, most: 1e9, unit: "s", says: "how far it is ahead" },
  },
  apply(sketch, values) {
    sketch.clockAheadMs += numberOf(values, "ahead") * 1000;
  },
};
