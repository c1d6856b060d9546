import { useMemo, useState } from "react";
import { useServerNow } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { dayHours } from "../series/dayHours.js";
import { foldHours } from "../series/foldHours.js";
import { sumHistories } from "../series/sumHistories.js";
import type { Scope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { HoursChart } from "./HoursChart.js";
import { moneyGroups } from "./moneyGroups.js";
import type { ScopeHistory } from "./useScopeHistory.js";

/** Profit per hour over the day of the site's own zone. */
export function HoursPanel({ scope, history }: { scope: Scope; history: ScopeHistory }) {
  const { t, format } = useWords();
  const nowMs = useServerNow();
  const groups = moneyGroups(scope.sites);
  const [chosen, choose] = useState("");
  const group = groups.find(({ key }) => key === chosen) ?? groups[0];
  const { bySite } = history;
  const groupKey = group?.sites.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the group is its key
  const sum = useMemo(() => {
    const all = (group?.sites ?? []).flatMap((site) => bySite.get(site) ?? []);
    return sumHistories(all, ["profitPerH"]);
  }, [bySite, groupKey]);
  // Bars move with the minute, not with the tick of ages.
  const minuteMs = Math.floor(nowMs / 60_000) * 60_000;
  const day = useMemo(
    () => group && foldHours(sum, "profitPerH", dayHours(minuteMs, group.zone), minuteMs),
    [sum, group, minuteMs],
  );
  if (!group || !day) return null;
  const soFar = format.money(day.sum, group.currency, true);
  return (
    <Panel
      title={t("hours.title")}
      note={t("hours.note", { zone: group.zone })}
      aside={
        groups.length > 1 ? (
          <Choice
            label={t("hours.choose")}
            options={groups.map(({ key }) => ({ value: key, text: key }))}
            value={group.key}
            onChoose={choose}
          />
        ) : (
          <span data-field="profitToday">
            {day.sum === null
              ? t("hours.unknown")
              : t("hours.soFar", { money: soFar, coverage: format.percent(day.coverage).text })}
          </span>
        )
      }
    >
      <FetchProblem {...history} />
      <HoursChart
        label={t("hours.label", { money: soFar })}
        bars={day.bars}
        currency={group.currency}
        nowMs={minuteMs}
        height={196}
      />
    </Panel>
  );
}
