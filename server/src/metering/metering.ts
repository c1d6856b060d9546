import type { AirNow, MeterView, RigMeter, SiteMetered, SiteMeters } from "@hashwatt/protocol/meters";
import type { PowerSource, Sample } from "@hashwatt/protocol/sample";
import { AIR_PLACES, GROUP_PLACES, type MeterConfig } from "../config/meters.js";
import { staleAfterMs } from "../fleet/fleet.js";
import type { Refusals } from "../refusals.js";
import type { Expected } from "../register/register.js";
import type { RigRecord } from "../store/state/state.js";
import { Meter } from "./meter.js";
import { airNow, problemOf, summariesOf } from "./meterState.js";
import { RegisterRefs } from "./registerRefs.js";
import { RigRefs } from "./rigRefs.js";
import { type GroupShares, type RigNow, shareGroups } from "./share.js";

/** A rig that does not answer keeps its part of a group's meter for as long as a reading may be held. */
const HELD_MS = 300_000;
/** Sensors that a site's totals carry, several times a second, to every screen. */
const MAX_AIR = 100;

type Described = Pick<RigRecord, "rig" | "site" | "name" | "evidence">;

/** The register of expected rigs, as far as meters hang on its names. */
export interface MeteredRegister {
  of(record: Described): Expected | undefined;
  entries(): Iterable<Expected>;
}

/** What is kept of a rig behind a meter. */
interface Place {
  /** All that it is behind. */
  meters: ReadonlySet<Meter>;
  /** Its own meter, and sensors whose air it takes in. */
  meter: Meter | undefined;
  inlet: Meter | undefined;
  ownW: number | undefined;
  ownSource: PowerSource | undefined;
  /** Arrival of the latest answer; undefined before the first. */
  answeredMs: number | undefined;
  answers: boolean;
  /** For how long after it an answer counts as present, as the fleet judges it. */
  freshMs: number;
  share: { meter: Meter; powerW: number } | undefined;
}

/**
 * The meters of the config: takes what they publish, and says what each rig, group and site draws by them. Keeps something of the
 * rigs that hang on meters, and nothing of others.
 */
export class Metering {
  readonly #byTopic = new Map<string, Meter[]>();
  readonly #meters: readonly Meter[];
  readonly #groups: readonly Meter[];
  readonly #refs = new RigRefs<Meter>();
  readonly #registerRefs = new RegisterRefs<Meter>();
  #register: MeteredRegister | undefined;
  /** Meters that hang on names which nothing in the register has, and why. */
  #unnamed = new Map<Meter, string>();
  readonly #air = new Map<string, Meter[]>();
  #summaries = new Map<string, SiteMeters>();
  readonly #places = new Map<number, Place>();
  readonly #refusals: Pick<Refusals, "note">;
  #shares = new Map<string, GroupShares>();

  constructor(meters: readonly MeterConfig[], refusals: Pick<Refusals, "note">) {
    this.#refusals = refusals;
    this.#meters = meters.map((config) => new Meter(config));
    this.#groups = this.#meters.filter(({ config }) => GROUP_PLACES.includes(config.at));
    for (const meter of this.#meters) {
      const { topic, site, at, rigs = [], register } = meter.config;
      const known = this.#byTopic.get(topic);
      if (known) known.push(meter);
      else this.#byTopic.set(topic, [meter]);
      for (const ref of rigs) this.#refs.add(site, ref, meter);
      if (register) this.#registerRefs.add(site, register, meter);
      const air = this.#air.get(site) ?? [];
      if ((at === "row" || at === "ambient") && air.length < MAX_AIR) this.#air.set(site, [...air, meter]);
    }
  }

  /**
   * Looks up all rigs anew in the register, which has changed. Returns what is wrong with each meter that hangs on names which
   * nothing has, where that is news.
   */
  registered(register: MeteredRegister, records: Iterable<Described>): { meter: string; why: string }[] {
    if (!this.#registerRefs.size) return [];
    this.#register = register;
    for (const record of records) this.describe(record);
    const before = this.#unnamed;
    this.#unnamed = this.#registerRefs.unnamed(register.entries());
    return [...this.#unnamed].flatMap(([meter, why]) =>
      before.get(meter) === why ? [] : { meter: meter.name, why },
    );
  }

  /** The sensors of air. */
  get airMeters(): readonly Meter[] {
    return this.#meters.filter(({ config }) => AIR_PLACES.includes(config.at));
  }

  /** The topics to listen to. */
  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /** The sites with meters at their feeders. */
  get meteredSites(): readonly string[] {
    return [...new Set(this.#meters.flatMap(({ config }) => (config.at === "site" ? config.site : [])))];
  }

  /** Finds the meters of a rig that is new or has changed. */
  describe(record: Described): void {
    const { rig } = record;
    const meters = this.#refs.of(record);
    const entry = this.#registerRefs.size ? this.#register?.of(record) : undefined;
    for (const meter of entry ? this.#registerRefs.at(entry) : []) meters.add(meter);
    const known = this.#places.get(rig);
    if (!meters.size && !known) return;
    this.forget(rig);
    if (!meters.size) return;
    for (const meter of meters) meter.rigs.add(rig);
    const at = (...places: MeterConfig["at"][]) =>
      [...meters].find(({ config, unit }) => places.includes(config.at) && unit !== "ratio");
    this.#places.set(rig, {
      meters,
      ownW: known?.ownW,
      ownSource: known?.ownSource,
      answeredMs: known?.answeredMs,
      answers: known?.answers ?? false,
      freshMs: known?.freshMs ?? 0,
      share: known?.share && meters.has(known.share.meter) ? known.share : undefined,
      meter: at("rig"),
      inlet: at("inlet"),
    });
  }

  /** Forgets a rig that is gone. */
  forget(rig: number): void {
    for (const meter of this.#places.get(rig)?.meters ?? []) meter.rigs.delete(rig);
    this.#places.delete(rig);
  }

  /** Takes a message; false when it is of no meter. A retained one is as old as nobody knows, and is let go. */
  message(topic: string, payload: Buffer, retained: boolean, nowMs: number): boolean {
    const meters = this.#byTopic.get(topic);
    if (!meters) return false;
    if (retained) return true;
    for (const meter of meters) {
      const wrong = meter.take(payload, nowMs);
      if (wrong !== undefined) this.#refusals.note("meter", `${meter.name} on ${topic}: ${wrong}`);
    }
    return true;
  }

  /**
   * Puts what meters say into a live sample: power in place of the rig's own figure, and the inlet's temperature where the rig tells
   * none. A rig that does not answer is left as it is.
   */
  measure(rig: number, sample: Sample, nowMs: number): void {
    const place = this.#places.get(rig);
    if (!place) return;
    place.answers = sample.status !== "unreachable";
    if (!place.answers) return;
    place.ownW = sample.powerW;
    place.ownSource = sample.powerSource;
    place.answeredMs = nowMs;
    place.freshMs = staleAfterMs(sample.intervalMs);
    const share = place.share?.meter.valueAt(nowMs) === undefined ? undefined : place.share.powerW;
    const meteredW = place.meter?.valueAt(nowMs) ?? share;
    if (meteredW !== undefined) {
      sample.powerW = Math.round(meteredW * 10) / 10;
      sample.powerSource = "meter";
    }
    const inletC = place.inlet?.valueAt(nowMs);
    if (inletC !== undefined && sample.inletTempC === undefined) sample.inletTempC = inletC;
  }

  /** Divides the groups' meters anew. To be called about once a second. */
  sweep(nowMs: number): void {
    this.#summaries = summariesOf(this.#meters, this.#unnamed, nowMs);
    if (!this.#groups.length) return;
    const rigs = new Map<number, RigNow>();
    for (const [rig, { meter, ownW, answeredMs }] of this.#places)
      rigs.set(rig, {
        meteredW: meter?.valueAt(nowMs),
        ownW,
        present: answeredMs !== undefined && nowMs - answeredMs <= HELD_MS,
      });
    const groups = this.#groups.map((meter) => ({
      meter: meter.name,
      powerW: meter.valueAt(nowMs),
      rigs: [...meter.rigs],
    }));
    const shares = shareGroups(groups, rigs);
    this.#shares = shares.groups;
    const byName = new Map(this.#groups.map((meter) => [meter.name, meter]));
    for (const [rig, place] of this.#places) {
      const share = shares.rigs.get(rig);
      const meter = share && byName.get(share.meter);
      // Nothing that a sample may carry is so large; what is says that the group is another.
      place.share = meter && share.powerW <= 20_000 ? { meter, powerW: share.powerW } : undefined;
    }
  }

  /** How many meters a site has and how many are silent, as of the last sweep; undefined where it has none. */
  summary(site: string): SiteMeters | undefined {
    return this.#summaries.get(site);
  }

  /** The air of a site now; undefined where nothing measures it. */
  air(site: string, nowMs: number): AirNow[] | undefined {
    return this.#air.get(site)?.map((meter) => airNow(meter, nowMs));
  }

  /** What the meters at a site's feeders say, beside what its rigs draw; undefined where it has none. */
  site(site: string, rigsW: number | null, nowMs: number): SiteMetered | undefined {
    const meters = this.#meters.filter(({ config }) => config.site === site && config.at === "site");
    if (!meters.length) return undefined;
    let powerW: number | null = 0;
    let atMs: number | null = null;
    for (const meter of meters) {
      const value = meter.valueAt(nowMs);
      powerW = powerW === null || value === undefined ? null : powerW + value;
      if (meter.atMs !== undefined && (atMs === null || meter.atMs < atMs)) atMs = meter.atMs;
    }
    const silentW = this.#silentW(site, nowMs);
    const itW = (rigsW ?? 0) + silentW;
    const overheadW = powerW === null || rigsW === null ? null : powerW - itW;
    return {
      meters: meters.map(({ name }) => name),
      powerW,
      atMs,
      overheadW,
      overheadRatio: overheadW === null || powerW === null || itW <= 0 ? null : powerW / itW,
      silentW,
    };
  }

  /** W that rigs draw which do not answer: by their own meters, and what groups' meters leave. */
  #silentW(site: string, nowMs: number): number {
    let silentW = 0;
    for (const { meter, share, answers, answeredMs = 0, freshMs } of this.#places.values()) {
      if (answers && nowMs - answeredMs <= freshMs) continue;
      if (meter?.config.site === site) silentW += meter.valueAt(nowMs) ?? 0;
      else if (share?.meter.config.site === site) silentW += share.powerW;
    }
    for (const { name, config } of this.#groups)
      if (config.site === site) silentW += Math.max(0, this.#shares.get(name)?.restW ?? 0);
    return silentW;
  }

  /** The meter that a rig's power comes from, or would if it spoke; undefined for a rig without one. */
  rig(rig: number, nowMs: number): RigMeter | undefined {
    const place = this.#places.get(rig);
    const meter = place?.meter ?? place?.share?.meter;
    if (!place || !meter) return undefined;
    return {
      meter: meter.name,
      at: meter.config.at as RigMeter["at"],
      meterW: meter.valueAt(nowMs) ?? null,
      atMs: meter.atMs ?? null,
      rigs: meter.rigs.size,
      ownW: place.ownW ?? null,
      ownSource: place.ownSource ?? null,
    };
  }

  /** The same where it measures this rig alone; undefined for one that shares its meter: what they draw together says nothing of it. */
  alone(rig: number, nowMs: number): RigMeter | undefined {
    const found = this.rig(rig, nowMs);
    return found && (found.at === "rig" || found.rigs === 1) ? found : undefined;
  }

  /** All meters and sensors as they stand. */
  views(nowMs: number): MeterView[] {
    return this.#meters.map((meter) => {
      const { config, register, unit, staleMs } = meter;
      const problem = problemOf(meter, this.#unnamed, nowMs);
      const shares = this.#shares.get(meter.name);
      return {
        meter: meter.name,
        site: config.site,
        at: config.at,
        topic: config.topic,
        unit,
        value: meter.valueAt(nowMs) ?? null,
        atMs: meter.atMs ?? null,
        staleMs,
        ...(register && { register: { value: register.last, resets: register.resets } }),
        ...((config.rigs ?? config.register) && { rigs: [...meter.rigs] }),
        ...(shares && { shares }),
        ...(problem !== undefined && { problem }),
      };
    });
  }
}
