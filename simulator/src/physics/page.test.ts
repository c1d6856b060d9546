import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ANTMINER_HYDRO } from "../makes/liquid.js";
import { type RigModel, STOCK } from "../models.js";
import { inletRules, REFERENCE_INLET_C } from "./traits.js";

const source = (path: string) => readFileSync(new URL(`../${path}.ts`, import.meta.url), "utf8");
/** What a source file says that a constant is, as a number: `0.8`, `60_000` or `440 / 490`. */
function constant(path: string, name: string): number {
  const text = new RegExp(`^(?:export )?const ${name} = ([\\d._]+)(?: / ([\\d._]+))?;`, "m").exec(
    source(path),
  );
  if (text === null) throw new Error(`${path}.ts has no constant ${name} that is a number`);
  const [first, second = "1"] = text.slice(1).map((digits) => digits?.replaceAll("_", ""));
  return Number(first) / Number(second);
}
const page = readFileSync(new URL("../../../docs/physics.md", import.meta.url), "utf8").replace(/\s+/g, " ");
/** Like `0.86`, without the dust of a product. */
const n = (value: number): string => String(Number(value.toPrecision(6)));
const percent = (ratio: number): string => `${n(100 * ratio)} %`;
const seconds = (ms: number): string => `${n(ms / 1000)} s`;

const step = (name: string) => constant("physics/step", name);
const electrics = (name: string) => constant("physics/electrics", name);
const thermal = (name: string) => constant("physics/thermal", name);
const traits = (name: string) => constant("physics/traits", name);
const firmware = (name: string) => constant("physics/firmware", name);
const feeder = (name: string) => constant("site/feeder", name);

/** A row of the page's table of rises, from the code's. */
function rises(cooling: "air" | "hydro" | "immersion"): RegExp {
  const found = new RegExp(
    `${cooling}: \\{ boardC: ([\\d.]+), chipC: ([\\d.]+), boardLagS: ([\\d.]+), chipLagS: ([\\d.]+) \\}`,
  ).exec(source("physics/traits"));
  if (found === null) throw new Error(`no rises of ${cooling}`);
  const [boardC, chipC, boardLagS, chipLagS] = found.slice(1);
  const name = { air: "air", hydro: "water", immersion: "oil" }[cooling];
  const full = boardC?.replace(".", "\\.");
  return new RegExp(
    `\\| ${name} \\| ${full} K(?: \\([^)]*\\))? \\| ${chipC} K \\| ${boardLagS} s \\| ${chipLagS} s \\|`,
  );
}

const share = electrics("LEAKAGE_SHARE");
const s21 = inletRules({ make: "Bitmain", model: "Antminer S21" });
const s17 = inletRules({ make: "Bitmain", model: "Antminer S17 Pro" });
const whatsminer = inletRules({ make: "MicroBT", model: "Whatsminer M50S" });
const antminerHydro = inletRules({ make: "Bitmain", model: "Antminer S21 Hyd.", cooling: "hydro" });
const whatsminerHydro = inletRules({ make: "MicroBT", model: "Whatsminer M53", cooling: "hydro" });
const oil = inletRules({ make: "Bitmain", model: "Antminer S21 Imm.", cooling: "immersion" });
const limitOf = (models: readonly RigModel[]) =>
  [...new Set(models.map(({ chipLimitC }) => chipLimitC))].join();

test.each([
  `every ${seconds(step("CALM_MS"))} while all is calm and every second while something moves`,
  `(1 − ${n(step("LOSS_PER_YEAR"))} · years)`,
  `*v* = max(${n(electrics("LOWEST_VOLTS"))}, 1 + ${n(electrics("VOLTS_PER_CLOCK"))} (*c* − 1))`,
  `[${n(1 - share)} · *c* · *v*² + ${n(share)} · *v* · e^((Tchip − Tref)/${n(electrics("LEAKAGE_E_FOLD_K"))} K)]`,
  `noise, ${percent(step("WANDER_SD"))}, ${n(step("WANDER_LAG_S"))} s`,
  `scatters by another ${percent(constant("gauges", "RATE_SD"))}, its meter by ${percent(constant("gauges", "POWER_SD"))}`,
  `control board ${n(traits("CONTROL_BOARD_W"))} W`,
  `fans ${n(traits("FANS_W"))} W at full speed, with the cube`,
  `at most ${percent(traits("CONTROL_SHARE"))} and ${percent(traits("FANS_SHARE"))} of their power`,
  `(${n(electrics("STANDBY_LOSS"))} + ${n(electrics("LINEAR_LOSS"))} *x* + ${n(electrics("SQUARE_LOSS"))} *x*²) / voltage`,
  `rated output ${n(traits("RATED_OUTPUT"))} of the nameplate`,
  `Above ${n(firmware("SUPPLY_FULL"))} of the rated line voltage`,
  `none below ${n(firmware("SUPPLY_FAILS"))}, back above ${n(firmware("SUPPLY_RETURNS"))}`,
  `falls with the ${n(thermal("FLOW_EXPONENT"))}th power`,
  `not below ${percent(thermal("LEAST_FLOW"))} of the full flow`,
  `${n(traits("OIL_RISE_K"))} K at rated power`,
  `${percent(thermal("FAN_IDLE_RATIO"))} at least, a lag of ${n(thermal("FAN_LAG_S"))} s`,
  `(${n(thermal("SHORT_CIRCUIT"))}) of what the others lose in balance`,
  `S21: runs 490 MHz as ${n(490 * firmware("DERATED_CLOCK"))} | inlet above ${s21.derateC} °C, until below ${s21.derateC - firmware("DERATE_HYSTERESIS_K")} |`,
  `S21: stops | inlet above ${s21.stopC} °C for ${seconds(firmware("STOP_AFTER_INLET_MS"))}, until below ${s21.restartC} |`,
  `S17: ${s17.derateC} °C |`,
  `S17: ${s17.stopC} °C |`,
  `| above ${whatsminer.derateC} °C, above ${whatsminer.stopC} °C |`,
  `| water below ${antminerHydro.coldStopC}, above ${antminerHydro.stopC} °C, starts at ${antminerHydro.restartC} |`,
  `| ${whatsminerHydro.coldStopC}–${whatsminerHydro.stopC} °C, slower above ${whatsminerHydro.derateC} |`,
  `| above ${oil.derateC} °C, above ${oil.stopC} °C until below ${oil.restartC} |`,
  `chip limit: ${percent(firmware("THROTTLED_CLOCK"))} clock at once, stop after ${seconds(firmware("STOP_AFTER_HOT_MS"))} | ${limitOf(STOCK)} °C (Antminer Hyd ${limitOf(ANTMINER_HYDRO)}) |`,
  `after ${seconds(firmware("COOL_DOWN_MS"))}, chips below ${n(firmware("RESTART_BELOW_CHIP_C"))} °C`,
  `network ${seconds(constant("liveRig", "PORT_UP_MS"))}, system ${seconds(firmware("SYSTEM_STARTS_MS"))}, daemon ${seconds(firmware("DAEMON_STARTS_MS"))}, ramp ${n(firmware("RAMP_S"))} s`,
  `${seconds(firmware("FAILOVER_MS"))} each; boards idle after ${seconds(firmware("IDLE_AFTER_MS"))} without any pool`,
  `e-fold with ${n(step("ERRORS_E_FOLD_K"))} K of chip temperature and with e^(${n(step("ERRORS_PER_YEAR"))} · years)`,
  `stale with ${percent(constant("physics/shares", "STALE_RATIO"))} + latency / ${seconds(constant("physics/shares", "BLOCK_MS"))}`,
  `turned down with ${percent(constant("physics/conditions", "REJECT_RATIO"))} at a sound pool, which is ${n(constant("physics/conditions", "LATENCY_MS"))} ms away`,
  `A·cos(2π(h − ${n(constant("site/ambient", "WARMEST_SOLAR_HOUR"))})/24)`,
  `${n(constant("site/ambient", "WEATHER_SD_C"))} K (assumption)`,
  `A = ${n(constant("site/ambient", "USUAL_SWING_C"))} K (assumption)`,
  `keeps them at ${REFERENCE_INLET_C.hydro} °C and ${REFERENCE_INLET_C.immersion} °C, ± ${n(constant("site/hall", "VALVE_DRIFT_K"))} K, as long`,
  `which leaves them ${n(constant("site/loop", "APPROACH_K"))} K warmer than the air outside at best`,
  `falls by ${percent(feeder("SAG_AT_FULL_LOAD"))} at full load. Supplies charge with ${n(feeder("INRUSH"))} times`,
  `above ${n(feeder("MAGNETIC"))} times its rating and by its bimetal when (I/${n(feeder("HOLDS"))} In)² − 1 adds up to ${n(feeder("BIMETAL_S"))} s`,
])("the page of the physics says what the code computes with: %s", (phrase) => {
  expect(page).toContain(phrase);
});

test.each(["air", "hydro", "immersion"] as const)("so do the rises and lags of %s", (cooling) => {
  expect(page).toMatch(rises(cooling));
});
