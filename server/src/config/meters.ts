import { EXPECTED_PLACES, type ExpectedPlace, expectedRigSchema } from "@hashwatt/protocol/register";
import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";

/** What a meter counts, by the unit of its figures. */
export const METER_UNITS = ["W", "kW", "kWh", "Wh", "C", "F", "ratio", "percent"] as const;
export type MeterUnit = (typeof METER_UNITS)[number];

/**
 * What a meter stands at: power of a rig, of several (outlet, rack, PDU, feeder), of a whole site; air at the inlet, of a row, of the
 * site.
 */
export const METER_PLACES = [
  "rig",
  "outlet",
  "rack",
  "pdu",
  "feeder",
  "site",
  "inlet",
  "row",
  "ambient",
] as const;
export type MeterPlace = (typeof METER_PLACES)[number];

/** Those whose power is divided over the rigs behind them. */
export const GROUP_PLACES: readonly MeterPlace[] = ["outlet", "rack", "pdu", "feeder"];
/** Those that tell of air. */
export const AIR_PLACES: readonly MeterPlace[] = ["inlet", "row", "ambient"];

/** How the messages of common devices are read: where the figure is in them, its unit and what one of it is. */
export interface MeterPreset {
  /** Where the figure is in the JSON; absent where the message is a number. */
  path?: string;
  unit: MeterUnit;
  multiplier?: number;
  /** Where the device speaks seldom by itself. */
  staleMs?: number;
}

/** Tasmota speaks every 5 minutes unless TelePeriod says otherwise. */
const TASMOTA_STALE_MS = 660_000;

/**
 * Presets by device, after the makers' documents of their MQTT messages: Shelly Gen1 (shelly-api-docs.shelly.cloud/gen1, plain numbers
 * on `shellies/<id>/…`, energy of relays in watt-minutes, of meters in Wh), Gen2 and later (…/gen2, status messages in JSON), Tasmota
 * (tasmota.github.io/docs/Power-Monitoring-Calibration and /MQTT, `tele/<topic>/SENSOR`).
 */
export const METER_PRESETS = {
  "shelly-gen1": { unit: "W" },
  "shelly-gen1-relay-energy": { unit: "Wh", multiplier: 1 / 60 },
  "shelly-gen1-meter-energy": { unit: "Wh" },
  "shelly-gen1-temperature": { unit: "C" },
  "shelly-gen1-humidity": { unit: "percent" },
  shelly: { path: "apower", unit: "W" },
  "shelly-energy": { path: "aenergy.total", unit: "Wh" },
  "shelly-em": { path: "total_act_power", unit: "W" },
  "shelly-em-energy": { path: "total_act", unit: "Wh" },
  "shelly-em1": { path: "act_power", unit: "W" },
  "shelly-em1-energy": { path: "total_act_energy", unit: "Wh" },
  "shelly-temperature": { path: "tC", unit: "C" },
  "shelly-humidity": { path: "rh", unit: "percent" },
  tasmota: { path: "ENERGY.Power", unit: "W", staleMs: TASMOTA_STALE_MS },
  "tasmota-energy": { path: "ENERGY.Total", unit: "kWh", staleMs: TASMOTA_STALE_MS },
  "tasmota-temperature": { path: "*.Temperature", unit: "C", staleMs: TASMOTA_STALE_MS },
  "tasmota-humidity": { path: "*.Humidity", unit: "percent", staleMs: TASMOTA_STALE_MS },
} as const satisfies Record<string, MeterPreset>;
type PresetName = keyof typeof METER_PRESETS;
const PRESET_NAMES = Object.keys(METER_PRESETS) as [PresetName, ...PresetName[]];

const slug = z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64");
const POWER_UNITS: readonly MeterUnit[] = ["W", "kW", "kWh", "Wh"];

const { shape } = expectedRigSchema;
/** Names of the register of expected rigs; who stands where all of them say is behind the meter. */
const placeSchema = z
  .strictObject(
    Object.fromEntries(EXPECTED_PLACES.map((place) => [place, shape[place]])) as Pick<
      typeof shape,
      ExpectedPlace
    >,
  )
  .refine((place) => Object.keys(place).length > 0, `must name one of ${EXPECTED_PLACES.join(", ")}`);

/** One meter or sensor of the config: the topic it speaks on, how its messages are read, and what it stands at. */
export const meterSchema = z
  .strictObject({
    /** Its name, unique among the meters. */
    meter: slug,
    site: slug,
    /** The topic it publishes on, on the server's broker; none of ours, and no wildcards. */
    topic: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^+#$][^+#]*$/, "must be a whole topic, without + and #")
      .refine(
        (topic) => !/^hashwatt\//.test(topic),
        "must be the meter's own topic, not one under hashwatt/",
      ),
    preset: z.enum(PRESET_NAMES).optional(),
    /** Where the figure is in a JSON message: `a.b[0]`; `*` stands for any one key. Without it the message is a number. */
    path: z.string().min(1).max(200).optional(),
    unit: z.enum(METER_UNITS).optional(),
    /** What one of the device's figure is in `unit`: 0.1 for tenths, 40 behind a 200/5 transformer. */
    multiplier: z.number().positive().max(1e9).optional(),
    /** Where a register of energy begins again at 0, in the device's figure. */
    rollsOverAt: z.number().positive().max(1e15).optional(),
    /** A figure older than this is unknown. */
    staleMs: z.int().min(1_000).max(3_600_000).optional(),
    at: z.enum(METER_PLACES),
    /**
     * The rigs behind it, for all but `site` and `ambient`: id (`r12`), address, range of addresses, MAC, serial, hostname or name.
     */
    rigs: z.array(z.string().min(1).max(100)).min(1).max(4_096).optional(),
    /** The same by where the register of expected rigs says that they stand: `{ rack: A-01 }`, `{ pdu: PDU-3, outlet: "7" }`. */
    register: placeSchema.optional(),
  })
  .superRefine(({ at, rigs, register, ...meter }, context) => {
    const whole = at === "site" || at === "ambient";
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (whole && rigs) wrong("rigs", `a meter at: ${at} is of the whole site and names no rigs`);
    if (whole && register) wrong("register", `a meter at: ${at} is of the whole site and names no rigs`);
    if (!whole && !rigs && !register)
      wrong(
        "rigs",
        `must name the rigs behind a meter at: ${at}, or register: where they stand (${EXPECTED_PLACES.join(", ")})`,
      );
    const { unit } = settingsOf(meter);
    const isPower = POWER_UNITS.includes(unit);
    if (isPower === AIR_PLACES.includes(at)) wrong("unit", `${unit} is nothing that is measured at: ${at}`);
    if (meter.rollsOverAt !== undefined && !isRegister(unit))
      wrong("rollsOverAt", "only a register (unit: kWh or Wh) rolls over");
  });
export type MeterConfig = z.infer<typeof meterSchema>;

export const metersSchema = z
  .array(meterSchema)
  .max(10_000)
  .superRefine((meters, context) => {
    const seen = new Set<string>();
    for (const [i, { meter }] of meters.entries()) {
      if (seen.has(meter))
        context.addIssue({
          code: "custom",
          path: [i, "meter"],
          message: `${meter} is there twice; keep one`,
        });
      seen.add(meter);
    }
  })
  .default([]);

/** Whether a unit is of energy, counted up. */
export const isRegister = (unit: MeterUnit): boolean => unit === "kWh" || unit === "Wh";

const STALE_MS = 120_000;

/** How a meter's messages are read: what it says itself, else its preset, else a plain number of watts. */
export function settingsOf({
  preset,
  ...own
}: Pick<MeterConfig, "preset" | "path" | "unit" | "multiplier" | "staleMs">): {
  path: string | undefined;
  unit: MeterUnit;
  multiplier: number;
  staleMs: number;
} {
  const given: MeterPreset | undefined = preset && METER_PRESETS[preset];
  return {
    path: own.path ?? given?.path,
    unit: own.unit ?? given?.unit ?? "W",
    multiplier: (given?.multiplier ?? 1) * (own.multiplier ?? 1),
    staleMs: own.staleMs ?? given?.staleMs ?? STALE_MS,
  };
}
