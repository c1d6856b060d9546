import { boundedPowerW } from "../model/bounds.js";
import { readPositive } from "../replies/readNumber.js";
import { type Row, rowsOf } from "../replies/reply.js";
import { antminer } from "./antminer.js";
import { algoOf, unitOf } from "./bitmainAlgos.js";
import { drawnOf, readBitmain, statsRows } from "./bitmainReading.js";
import { type Dialect, type Seen, type Verdict, withFacts } from "./dialect.js";
import { foreignFirmware } from "./foreignFirmwares.js";
import { tcp } from "./questions.js";

/** Hiveon: Bitmain's keys and web interface; `chain_power` of `stats` is the whole rig, as text with its unit. */
export const hiveon = fork("hiveon", "Hiveon");

/** MSK: Bitmain's keys; `total_power` of `stats`, and `chain_powerN` of each board. */
export const msk = fork("msk", "MSK");

/** A firmware that kept all of Bitmain's answers and added what its boards draw, an estimate of its own, in W. */
function fork(id: string, name: string): Dialect {
  const dialect: Dialect = {
    ...antminer,
    id,
    becomes: () => undefined,
    learn(facts, name, reply) {
      const told = antminer.learn(facts, name, reply);
      return told === facts ? facts : withFacts(told, { model: modelOf(told.model) });
    },
    claims(seen: Seen): Verdict {
      if (foreignFirmware(seen.text) !== name) return { kind: "not" };
      if (!seen.asked.has("stats")) return { kind: "ask", question: tcp("stats") };
      const { readings } = statsRows(seen.by.stats);
      return readings || rowsOf(seen.by.summary, "SUMMARY") ? { kind: "mine" } : { kind: "not" };
    },
    decode(replies, facts) {
      const { readings: stats } = statsRows(replies.by.stats);
      const toThs = unitOf(stats, algoOf(facts.model));
      const reading = readBitmain(replies, facts, { dialect: id, toThs, asleep: false, faulty: false });
      const powerW = stats && powerOf(stats);
      if (powerW !== undefined) {
        reading.powerW = powerW;
        reading.powerSource = "firmware";
      }
      return reading;
    },
  };
  return dialect;
}

/**
 * The Antminer that it runs on, of a name that holds more: `Antminer S19x88 Hiveon`, `S19-88 v.2.6.0.39`, where the number behind
 * counts the chips of a board.
 */
function modelOf(name: string | undefined): string | undefined {
  const told =
    /^(?:antminer\s+)?([a-z]{1,2}\d{1,2}(?:[a-z+]*(?=[x-]\d)|[a-z+]*)(?:\s+(?:pro|xp|hyd\.?|plus|\+))*)(?:[x-]\d{2,3})?(?:\s+(?:hiveon|v)\b.*)?$/i.exec(
      name ?? "",
    )?.[1];
  return told === undefined ? name : `Antminer ${told}`;
}

function powerOf(stats: Row): number | undefined {
  const whole = readPositive(stats.total_power) ?? readPositive(stats.chain_power);
  return whole === undefined ? drawnOf(stats, "chain_power") : boundedPowerW(whole);
}
