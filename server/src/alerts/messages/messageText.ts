import type { Availability } from "@hashwatt/protocol/availability";
import type { AlertView } from "@hashwatt/protocol/http";
import { Zone } from "@hashwatt/protocol/zone";
import { adviceOf } from "./advice.js";
import type { AlertMessage, MessageGroup } from "./alertMessage.js";
import { tame } from "./escapes.js";

/** So many alerts of one rule are told one by one; more of them together. */
const ALONE = 3;
const NAMED = 5;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What messages say besides what their alerts do. */
export interface MessageWorld {
  /** How browsers call this server, without a slash at its end; undefined: messages have no links. */
  publicUrl?: string | undefined;
  siteName(site: string): string;
  /** IANA. */
  zoneOf(site: string): string;
  /** What became of the last day of a site's rigs, for its daily summary; undefined where that is not known. */
  lastDay?(site: string): Availability | undefined;
}

/** One thing to be told: a head line, lines below it, and where to look. Plain text that nothing has been escaped in. */
export interface TextItem {
  severity: AlertView["severity"];
  ended: boolean;
  /** Alerts that it stands for. */
  count: number;
  head: string;
  lines: string[];
  link?: string;
}

/** A message as text: what is told of each thing, how many are left out, and where all of them are. */
export interface MessageText {
  title: string;
  items: TextItem[];
  /** Alerts of which nothing is said. */
  more: number;
  link?: string;
}

const SEVERITY = { danger: "DANGER", warning: "WARNING", money: "MONEY", notice: "NOTICE" } as const;

/** A rule's name in words: hashrate-low and hashrateLow are "hashrate low". */
const ruleWords = (rule: string): string =>
  rule
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("-", " ")
    .toLowerCase();

function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  const hours = ms / HOUR_MS;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

const two = (n: number): string => String(n).padStart(2, "0");
function timeText(ms: number, zoneName: string): string {
  const { year, month, day, hour, minute } = Zone.of(zoneName).wall(ms);
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} (${zoneName})`;
}

const moneyText = (perH: number, currency: string): string =>
  `${Math.abs(perH) >= 100 ? perH.toFixed(0) : perH.toFixed(2)} ${currency} per hour`;

const costText = (lossPerH: number | null, currency: string | undefined): string =>
  lossPerH === null || currency === undefined
    ? "Costs: not known"
    : `Costs: ${moneyText(lossPerH, currency)}`;

/** What a message says, without any marks of a channel's own. */
export function messageText(message: AlertMessage, world: MessageWorld): MessageText {
  const { alerts, sentMs, groups = [] } = message;
  if (message.why === "test")
    return {
      title: "Hashwatt: a test message",
      items: [
        {
          severity: "notice",
          ended: false,
          count: 0,
          head: "This channel works",
          lines: ["Somebody has asked Hashwatt to send a test. Nothing has happened."],
        },
      ],
      more: 0,
      ...(message.link !== undefined && { link: message.link }),
    };
  const items: TextItem[] = [];
  let told = 0;
  for (const group of groups) {
    const members = alerts.filter(
      ({ rule, state, severity }) =>
        rule === group.rule && state === group.state && severity === group.severity,
    );
    told += group.count;
    if (group.count <= ALONE) items.push(...members.map((alert) => oneItem(alert, sentMs, world)));
    else items.push(manyItem(group, members, world));
  }
  const total = alerts.length + message.more;
  const title = titleOf(message, items, total);
  if (message.why === "digest") items.push(...lastDays(groups, world));
  return {
    title,
    items,
    more: Math.max(0, total - told),
    ...(message.link !== undefined && { link: message.link }),
  };
}

/** For how much of its last day each site of a summary was up; nothing of one of which that is not known. */
function lastDays(groups: readonly MessageGroup[], { lastDay, siteName }: MessageWorld): TextItem[] {
  const sites = new Set(groups.flatMap((group) => group.sites).filter((site) => site !== ""));
  return [...sites].flatMap((site): TextItem[] => {
    const day = lastDay?.(site);
    if (!day || day.rangeMs === 0) return [];
    const share = (ms: number) => `${((100 * ms) / day.rangeMs).toFixed(1)} %`;
    const up = day.ratio === null ? "not known" : `${(100 * day.ratio).toFixed(2)} %`;
    return [
      {
        severity: "notice",
        ended: false,
        count: 0,
        head: `${tame(siteName(site), 60)}: availability of the last day ${up}`,
        lines: [
          `Up ${share(day.upMs)}, down ${share(day.downMs)}, planned stops ${share(day.plannedMs)}, not read ${share(day.unknownMs)} of all its rigs' time`,
        ],
      },
    ];
  });
}

const PREFIX = { repeated: "Still: ", escalated: "Not acknowledged: ", digest: "Daily summary: " } as const;

function titleOf({ why, groups = [] }: AlertMessage, items: readonly TextItem[], total: number): string {
  const prefix = why && why in PREFIX ? PREFIX[why as keyof typeof PREFIX] : "";
  if (total === 1 && items[0]) return `${prefix}${items[0].head}`;
  const firing = groups.filter(({ state }) => state !== "resolved");
  const counted = (list: readonly MessageGroup[]) =>
    list
      .slice(0, 3)
      .map(({ rule, count }) => `${count} × ${ruleWords(rule)}`)
      .join(", ");
  const ended = groups.length > firing.length;
  if (!firing.length) return `${prefix}ENDED: ${counted(groups)}`;
  return `${prefix}${SEVERITY[firing[0]!.severity]}: ${counted(firing)}${ended ? "; others ended" : ""}`;
}

function oneItem(alert: AlertView, sentMs: number, world: MessageWorld): TextItem {
  const { rule, severity, site, model, reason, lossPerH, currency, resolvedMs } = alert;
  const { rig, members, probableCause } = alert;
  const { kind, name } = alert.subject;
  const named = members?.subjects.slice(0, NAMED).map((each) => tame(each.name, 60)) ?? [];
  const since = alert.firstFiredMs ?? alert.pendingMs;
  const zone = world.zoneOf(site);
  const ended = alert.state === "resolved";
  const advice = ended ? undefined : adviceOf(rule);
  const lasted = spanText((resolvedMs ?? sentMs) - since);
  const where = `${kind === "rig" ? "" : `${kind}, `}${tame(world.siteName(site), 100)}`;
  return {
    severity,
    ended,
    count: 1,
    head: `${ended ? "ENDED" : SEVERITY[severity]}: ${tame(name, 80)}: ${ruleWords(rule)}`,
    lines: [
      `Where: ${model ? `${tame(model, 80)}, ` : ""}${where}`,
      tame(reason),
      ...(members ? [namesText(named, members.peak)] : []),
      ...(probableCause === undefined || ended ? [] : [`Probable cause: ${tame(probableCause)}`]),
      ended
        ? `Lasted ${lasted}, until ${timeText(resolvedMs ?? sentMs, zone)}`
        : `Since ${timeText(since, zone)}, ${lasted}`,
      ...(ended ? [] : [costText(lossPerH, currency)]),
      ...(advice === undefined ? [] : [`Try: ${advice}`]),
      ...(alert.ack ? [`Acknowledged by ${tame(alert.ack.by, 64)}`] : []),
    ],
    ...(world.publicUrl !== undefined && {
      link: `${world.publicUrl}${rig === undefined ? "/alerts" : `/rigs/r${rig}`}`,
    }),
  };
}

const namesText = (names: readonly string[], count: number): string =>
  `${names.join(", ")}${count > names.length ? ` and ${count - names.length} more` : ""}`;

function manyItem(group: MessageGroup, members: readonly AlertView[], world: MessageWorld): TextItem {
  const { rule, severity, count, sites, lossPerH, currency } = group;
  const ended = group.state === "resolved";
  const names = members.slice(0, NAMED).map((alert) => tame(alert.subject.name, 60));
  const advice = ended ? undefined : adviceOf(rule);
  const worst = members[0];
  return {
    severity,
    ended,
    count,
    head: `${ended ? "ENDED" : SEVERITY[severity]}: ${count} × ${ruleWords(rule)}`,
    lines: [
      `Where: ${sites.map((site) => tame(world.siteName(site), 60)).join(", ")}`,
      namesText(names, count),
      ...(ended || !worst ? [] : [`First of them: ${tame(worst.reason)}`]),
      ...(ended ? [] : [costText(lossPerH, currency)]),
      ...(advice === undefined ? [] : [`Try: ${advice}`]),
    ],
    ...(world.publicUrl !== undefined && { link: `${world.publicUrl}/alerts` }),
  };
}

/**
 * The longest rendering of at most `most` characters: things are left out from the end, and counted, until it fits. One that
 * does not fit with a single thing is cut.
 */
export function fitted(text: MessageText, most: number, render: (text: MessageText) => string): string {
  let shown = text;
  for (;;) {
    const rendered = render(shown);
    if (rendered.length <= most) return rendered;
    if (shown.items.length > 1) {
      const more = shown.more + shown.items.at(-1)!.count;
      shown = { ...shown, items: shown.items.slice(0, -1), more };
    } else if (shown.items[0]?.lines.length)
      shown = { ...shown, items: [{ ...shown.items[0], lines: shown.items[0].lines.slice(0, -1) }] };
    else return rendered.slice(0, most);
  }
}

export const moreText = (more: number): string => (more === 1 ? "… and 1 more" : `… and ${more} more`);

/** A message as plain text. */
export const asPlain = ({ items, more, link }: MessageText): string =>
  [
    ...items.map(({ head, lines, link }) => [head, ...lines, ...(link ? [link] : [])].join("\n")),
    ...(more ? [moreText(more)] : []),
    ...(link ? [`All alerts: ${link}`] : []),
  ].join("\n\n");
