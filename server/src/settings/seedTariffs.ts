import { z } from "zod";
import type { SiteConfig } from "../config.js";
import { ServerError } from "../error.js";
import { type Tariff, tariffSchema, type WrittenTariff } from "../rates/tariffs/tariff.js";
import type { StateStore } from "../store/state/state.js";
import { type Settings, sentenceOf } from "./settings.js";
import { tariffKind } from "./tariffKind.js";

/** The setting that holds the tariffs that the config last gave for a site. */
const lastGivenKey = (site: string): string => `config/tariffs/${site}`;

/** What stands for a key that a file leaves out. */
const USUAL: Partial<Tariff> = { lossesPercent: 0, taxPercent: 0, readingDay: 1 };

/** A tariff as a person would write it: hours as text, and nothing that goes without saying. */
function asWritten(tariff: Tariff): WrittenTariff {
  const said = Object.entries(z.encode(tariffSchema, tariff)).filter(
    ([key, value]) => !(Array.isArray(value) && value.length === 0) && value !== USUAL[key as keyof Tariff],
  );
  return Object.fromEntries(said) as WrittenTariff;
}

/**
 * Takes over the tariffs that the config gives for the first time or otherwise than before; the database rules from then on. What
 * it no longer gives goes, where it came from there. Throws ServerError `config` where they do not go with those of the database.
 */
export async function seedTariffs(
  sites: readonly SiteConfig[],
  settings: Settings,
  state: Pick<StateStore, "setting" | "putSetting">,
): Promise<void> {
  const { kind } = tariffKind;
  for (const { site, tariffs = [] } of sites) {
    const given = tariffs.map(asWritten);
    const said = JSON.stringify(given);
    const last = await state.setting(lastGivenKey(site));
    if (last === said || (last === undefined && !given.length)) continue;
    const gone = (JSON.parse(last ?? "[]") as { id: string }[])
      .filter(({ id }) => !given.some((each) => each.id === id))
      .map(({ id }) => ({ kind, site, id }))
      .filter((key) => settings.has(key));
    const put = given.map((body) => ({ kind, site, id: body.id, body }));
    const [defect] = settings.check(put, gone);
    if (defect)
      throw new ServerError(
        "config",
        `site ${site}: ${sentenceOf(defect)} (a tariff that is not in the config is in the settings: change it there)`,
      );
    await settings.change(put, gone);
    await state.putSetting(lastGivenKey(site), said);
  }
}
