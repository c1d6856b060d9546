import type { Input, RigDetail } from "@hashwatt/protocol/http";
import type { Words } from "../words/words.js";

/** A figure's arithmetic in words: the sum itself, then what each factor rests on, or what is missing and how to set it. */
export interface Arithmetic {
  /** "3.25 kW × 0.062 USD/kWh = $0.202/h"; undefined when a factor is unknown. */
  sum?: string;
  /** Source and date of each factor. */
  rests: string[];
  /** Why there is no figure. */
  missing: string[];
  /** Commands that set what is missing. */
  howToSet: string[];
}

type Figure = "powerW" | "efficiencyJPerTh" | "revenuePerH" | "costPerH" | "profitPerH" | "co2KgPerH";

/** Modes in which the agent takes the nameplate for what the boards draw (agent/src/model/power.ts). */
const RATED_MODE = /^(normal|standard|high|turbo|performance)$/i;

const SPEAKS_PER_PH_DAY = /\/PH\/day$/;

/** A figure's value; null where it is unknown. */
export const figureValue = (detail: RigDetail, figure: Figure): number | null =>
  figure === "powerW" ? (detail.sample?.powerW ?? null) : detail.figures[figure];

/** What the meter behind a rig's power says, and what the rig itself does. */
function meterRests({ meter }: RigDetail, { t, format }: Pick<Words, "t" | "format">): string[] {
  if (!meter) return [];
  const watts = (value: number | null) => {
    const { text, unit } = format.power(value);
    return `${text} ${unit}`.trim();
  };
  const { at, rigs: n, ownW, ownSource } = meter;
  const power = watts(meter.meterW);
  const rests = [t(at === "rig" ? "why.meter" : "why.meterShared", { meter: meter.meter, n, power })];
  if (ownW !== null && ownSource !== null)
    rests.push(t("why.ownPower", { power: watts(ownW), source: t(`source.${ownSource}`) }));
  return rests;
}

/** The arithmetic behind a figure of a rig, from the very readings and inputs that the server priced it with. */
export function arithmeticOf(
  detail: RigDetail,
  figure: Figure,
  { t, format }: Pick<Words, "t" | "format">,
): Arithmetic {
  const { sample, inputs, currency, zone, figures } = detail;
  const result: Arithmetic = { rests: [], missing: [], howToSet: [] };
  const algo = (sample?.algo ?? detail.evidence.algo ?? "").toLowerCase().replace(/[^a-z0-9]+/g, "-");
  // A hashprice is of one algorithm, and no other stands in for it; a share that the pool leaves may be of all.
  const input = (kind: Input["kind"]): Input | undefined =>
    inputs.find((each) => each.kind === kind && each.algo === algo) ??
    (kind === "hashprice" && !/^(sha-?256d?)?$/.test(algo)
      ? undefined
      : inputs.find((each) => each.kind === kind && each.algo === undefined));
  const rest = (found: Input) => {
    const dated = found.asOfMs === null ? "" : `, ${format.date(found.asOfMs, zone)}`;
    const marks = [found.demo && t("input.demo"), found.stale && t("input.stale")].filter(Boolean).join(", ");
    result.rests.push(`${t(`input.${found.kind}`)}: ${found.source}${dated}${marks ? ` (${marks})` : ""}`);
  };
  const need = (kind: Input["kind"]): Input | undefined => {
    const found = input(kind);
    if (found && found.value !== null) {
      rest(found);
      return found;
    }
    result.missing.push(t("why.noInput", { what: t(`input.${kind}`) }));
    if (found?.howToSet) result.howToSet.push(found.howToSet);
    return undefined;
  };
  const powerKw = (): string | undefined => {
    if (sample?.powerW === undefined) {
      result.missing.push(t("why.noPower"));
      return undefined;
    }
    if (sample.powerSource) result.rests.push(`${t("field.power")}: ${t(`source.${sample.powerSource}`)}`);
    return `${format.number(sample.powerW / 1000)} kW`;
  };
  const finish = (parts: (string | undefined)[], join: string, text: string): Arithmetic => {
    if (figureValue(detail, figure) !== null && parts.every((part) => part !== undefined))
      result.sum = `${parts.join(join)} = ${text}`;
    return result;
  };

  switch (figure) {
    case "powerW": {
      const { powerW, powerSource, hashrateThs, status, powerMode, targetThs, boards } = sample ?? {};
      const shown = format.power(powerW);
      const text = `${shown.text} ${shown.unit}`;
      if (powerW === undefined) {
        result.missing.push(t("why.noPower"));
        return result;
      }
      if (powerSource !== "model") {
        result.rests.push(powerSource ? `${text}: ${t(`source.${powerSource}`)}` : text);
        if (powerSource === "meter") result.rests.push(...meterRests(detail, { t, format }));
        return result;
      }
      result.rests.push(t("source.model"));
      if (status !== "mining" || hashrateThs === undefined) {
        result.rests.push(t("why.standby"));
        return finish([t("why.standbyAndFans")], "", text);
      }
      if (powerMode !== undefined && RATED_MODE.test(powerMode)) {
        result.rests.push(t("why.ratedMode", { mode: powerMode }));
        return result;
      }
      if (targetThs !== undefined && targetThs > 0) {
        const target = format.hashrate(targetThs);
        result.rests.push(t("why.byTarget", { target: `${target.text} ${target.unit}` }));
        return result;
      }
      if (
        boards?.some(({ chips, chipsExpected }) => chips !== undefined && chips < (chipsExpected ?? chips))
      ) {
        result.rests.push(t("why.lostChips"));
        return result;
      }
      // The model stops at the nameplate's power, that is at the nominal hashrate: so far its J/TH can be read off.
      const { nominalThs } = detail.evidence;
      const countedThs = nominalThs === undefined ? hashrateThs : Math.min(hashrateThs, nominalThs);
      result.rests.push(t(hashrateThs > countedThs ? "why.atNameplate" : "why.nameplate"));
      const jPerTh = nominalThs === undefined ? undefined : format.efficiency(powerW / countedThs);
      return finish(
        [
          `${format.number(countedThs)} TH/s`,
          jPerTh && countedThs > 0 ? `${jPerTh.text} ${jPerTh.unit}` : t("why.nameplateJPerTh"),
        ],
        " × ",
        text,
      );
    }
    case "efficiencyJPerTh": {
      const efficiency = format.efficiency(figures.efficiencyJPerTh);
      const hashrate = sample?.hashrateThs;
      if (hashrate === undefined) result.missing.push(t("why.noHashrate"));
      else if (hashrate === 0) result.missing.push(t("why.zeroHashrate"));
      const power = powerKw();
      return finish(
        [power && `${format.number(sample?.powerW, 0)} W`, hashrate && `${format.number(hashrate)} TH/s`].map(
          (part) => part || undefined,
        ),
        " ÷ ",
        `${efficiency.text} ${efficiency.unit}`,
      );
    }
    case "revenuePerH": {
      const hashprice = need("hashprice");
      if (sample?.hashrateThs === undefined) result.missing.push(t("why.noHashrate"));
      const text = `${format.money(figures.revenuePerH, currency)}/h`;
      if (sample?.hashrateThs === undefined || !hashprice) return result;
      if (figures.revenuePerH === null) {
        result.missing.push(t("why.otherAlgo", { algo: sample.algo ?? detail.evidence.algo ?? "—" }));
        return result;
      }
      const price = `${format.plain(hashprice.value)} ${hashprice.unit}`;
      const pool = input("poolFactor");
      const left = pool && pool.value !== null ? [format.plain(pool.value)] : [];
      if (pool && left.length) rest(pool);
      return SPEAKS_PER_PH_DAY.test(hashprice.unit)
        ? finish(
            [`${format.number(sample.hashrateThs / 1000, 4)} PH/s`, `${price} ÷ 24 h`, ...left],
            " × ",
            text,
          )
        : finish([`${format.number(sample.hashrateThs)} TH/s`, price, ...left], " × ", text);
    }
    case "costPerH": {
      const price = need("price");
      return finish(
        [powerKw(), price && `${format.plain(price.value)} ${price.unit}`],
        " × ",
        `${format.money(figures.costPerH, currency)}/h`,
      );
    }
    case "profitPerH": {
      const { revenuePerH, costPerH } = figures;
      if (revenuePerH === null) result.missing.push(t("why.unknown", { what: t("field.revenue") }));
      if (costPerH === null) result.missing.push(t("why.unknown", { what: t("field.cost") }));
      return finish(
        [
          revenuePerH === null ? undefined : format.money(revenuePerH, currency),
          costPerH === null ? undefined : format.money(costPerH, currency),
        ],
        " − ",
        `${format.money(figures.profitPerH, currency, true)}/h`,
      );
    }
    case "co2KgPerH": {
      const factor = need("carbon");
      const mass = format.mass(figures.co2KgPerH);
      return finish(
        [powerKw(), factor && `${format.plain(factor.value)} ${factor.unit}`],
        " × ",
        `${mass.text} ${mass.unit}/h`,
      );
    }
  }
}
