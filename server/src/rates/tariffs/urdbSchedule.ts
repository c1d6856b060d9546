/** Which period holds in each hour of each month: 12 × 24, of workdays and of weekends. */
export interface Schedule {
  weekday: readonly (readonly number[])[];
  weekend: readonly (readonly number[])[];
}

/** Local times of a band, as a tariff has them. `split`: on weekends its hours are others, and another rule has them. */
export interface ScheduleRule {
  band: string;
  months?: number[];
  days?: ("workday" | "weekend")[];
  hours?: string[];
  split?: true;
}

/** Hours of a day as stretches: 7, 8, 9, 16 are 7-10 and 16-17. */
function stretches(hours: readonly number[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < hours.length; ) {
    let end = i;
    while (hours[end + 1] === hours[end]! + 1) end++;
    found.push(`${hours[i]}-${hours[end]! + 1}`);
    i = end + 1;
  }
  return found;
}

const hoursOf = (day: readonly number[], band: string, name: (period: number) => string): number[] =>
  day.flatMap((period, hour) => (name(period) === band ? [hour] : []));

/**
 * The rules of a schedule: first the band of most hours, which fits always, then for every other band one for each group of months in
 * which its hours are the same. With `only` just those of one band.
 */
export function scheduleRules(
  { weekday, weekend }: Schedule,
  name: (period: number) => string,
  only?: string,
): ScheduleRule[] {
  const counts = new Map<string, number>();
  for (const [days, weight] of [
    [weekday, 5],
    [weekend, 2],
  ] as const)
    for (const period of days.flat()) counts.set(name(period), (counts.get(name(period)) ?? 0) + weight);
  const bands = [...counts].sort(([, a], [, b]) => b - a).map(([band]) => band);
  const rules: ScheduleRule[] = only === undefined ? [{ band: bands.shift()! }] : [];
  for (const band of only === undefined ? bands : [only]) {
    const groups = new Map<string, { months: number[]; work: number[]; rest: number[] }>();
    for (let month = 0; month < 12; month++) {
      const work = hoursOf(weekday[month]!, band, name);
      const rest = hoursOf(weekend[month]!, band, name);
      if (!work.length && !rest.length) continue;
      const key = `${work} ${rest}`;
      const group = groups.get(key) ?? { months: [], work, rest };
      groups.set(key, group);
      group.months.push(month + 1);
    }
    for (const { months, work, rest } of groups.values()) {
      const same = String(work) === String(rest);
      const own = (hours: readonly number[], day?: "workday" | "weekend"): ScheduleRule => ({
        band,
        ...(months.length < 12 && { months }),
        ...(day && { days: [day] }),
        ...(hours.length < 24 && { hours: stretches(hours) }),
        ...(!same && work.length > 0 && rest.length > 0 && { split: true as const }),
      });
      if (same) rules.push(own(work));
      else {
        if (work.length) rules.push(own(work, "workday"));
        if (rest.length) rules.push(own(rest, "weekend"));
      }
    }
  }
  return only === undefined ? rules.map(({ split: _split, ...rule }) => rule) : rules;
}
