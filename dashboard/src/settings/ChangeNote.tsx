import type { ChangePreview } from "@hashwatt/protocol/settings";
import { type SettingsKey, useSettingsWords } from "./settingsWords.js";

const INPUTS: Readonly<Record<string, SettingsKey>> = {
  price: "set.input.price",
  poolFactor: "set.input.poolFactor",
  overhead: "set.input.overhead",
  carbon: "set.input.carbon",
  carbonMarket: "set.input.carbonMarket",
  marginal: "set.input.marginal",
  siteCost: "set.input.siteCost",
};

interface ChangeNoteProps {
  preview: ChangePreview;
  /** By whose clocks the dates of each site are told. */
  sites: readonly { site: string; name: string; zone: string }[];
}

/** Which hours of the past a change would price anew. */
export function ChangeNote({ preview, sites }: ChangeNoteProps) {
  const { t, format } = useSettingsWords();
  if (preview.reprice.length === 0) return <p data-testid="reprice">{t("set.changeNone")}</p>;
  return (
    <ul data-testid="reprice">
      {preview.reprice.map(({ site, input, fromMs, toMs, hours, rigHours }) => {
        const word = INPUTS[input];
        const known = sites.find((each) => each.site === site);
        const zone = known?.zone ?? "UTC";
        const what = `${known?.name ?? site} · ${word ? t(word) : input}`;
        const range =
          toMs === null
            ? t("set.since", { from: format.date(fromMs, zone) })
            : t("set.fromTo", { from: format.date(fromMs, zone), to: format.date(toMs, zone) });
        return (
          <li key={`${site} ${input}`}>
            {what}, {range}:{" "}
            {hours === 0
              ? t("set.changeAhead")
              : t("set.changePast", {
                  hours: format.number(hours, 0),
                  rigHours: format.number(rigHours, 0),
                })}
          </li>
        );
      })}
    </ul>
  );
}
