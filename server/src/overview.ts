import type { AlertView, FleetColumns, RigDetail, Totals } from "@hashwatt/protocol/http";
import { type LiveRow, MAX_OPEN_ALERTS, type StaticRow } from "@hashwatt/protocol/live";
import type { SiteMetered } from "@hashwatt/protocol/meters";
import type { Agents } from "./agents.js";
import type { AlertBook } from "./alerts/book.js";
import type { Fleet } from "./fleet/fleet.js";
import { fleetColumns, liveRow, staticRow } from "./fleet/fleetColumns.js";
import { rigDetail, rigId, rigOfId } from "./fleet/rigDetail.js";
import { newRigView } from "./fleet/rigView.js";
import { ScopeSums } from "./fleet/totals.js";
import type { Handovers } from "./identity/handovers.js";
import type { RigIndex } from "./identity/rigIndex.js";
import type { HubSources } from "./live/hub.js";
import type { Metering } from "./metering/metering.js";
import type { Rates } from "./rates/rates.js";
import type { Expected } from "./register/register.js";
import type { Sites } from "./sites.js";
import type { RigRecord } from "./store/state/state.js";

/** Of names that end in numbers 2 comes before 10. */
const inOrder = new Intl.Collator("en", { numeric: true });
const RECENT_ALERTS = 500;
const RECENT_MS = 86_400_000;
/** A small fleet's totals follow each flush; a large one's are walked once a second. */
const SMALL_FLEET = 2_000;

const SEVERITY_ORDER = { danger: 0, warning: 1, money: 2, notice: 3 } as const;

/** What the overview reads. */
export interface OverviewParts {
  fleet: Fleet;
  index: RigIndex;
  expected?(record: RigRecord): Expected | undefined;
  handovers?: Pick<Handovers, "of" | "joined">;
  sites: Sites;
  rates: Rates;
  book: Pick<AlertBook, "open" | "firingCount" | "partsOf">;
  agents: Pick<Agents, "views">;
  /** Absent where the config has no meters. */
  metering?: Metering | undefined;
  store(): Totals["store"];
  /** Undefined where there is none. */
  broker(): Totals["broker"];
  /** Sites of the config, shown without rigs too; others are shown for their rigs only. */
  configured?: ReadonlySet<string>;
}

/** What API and live feed show of the present, made from the fleet's state. */
export class Overview implements HubSources {
  readonly #parts: OverviewParts;
  #recent: AlertView[] = [];
  /** An alert with what is done about it. */
  shown: (alert: AlertView) => AlertView = (alert) => alert;

  constructor(parts: OverviewParts, recentAlerts: readonly AlertView[]) {
    this.#parts = parts;
    this.#recent = recentAlerts.filter((alert) => alert.state === "resolved").slice(0, RECENT_ALERTS);
  }

  totals(nowMs: number): Totals {
    const { fleet, sites, rates, book, agents, metering, store, configured } = this.#parts;
    const broker = this.#parts.broker();
    const all = new ScopeSums();
    const bySite = new Map<string, ScopeSums>();
    for (const site of sites.all()) bySite.set(site.site, new ScopeSums());
    for (const view of fleet.views()) {
      const currency = sites.get(view.record.site)?.currency ?? "USD";
      const firing = view.alert === null ? 0 : book.firingCount(view.rig);
      all.add(view, currency, firing);
      bySite.get(view.record.site)?.add(view, currency, firing);
    }
    const metered = new Map<string, SiteMetered>();
    for (const { site, currency } of metering ? sites.all() : []) {
      const sums = bySite.get(site)!;
      const says = metering!.site(site, sums.powerW, nowMs);
      if (!says) continue;
      metered.set(site, says);
      if (says.powerW !== null) sums.useMeter(says.powerW, currency, rates.now(site, nowMs), all);
    }
    return {
      serverMs: nowMs,
      newestMs: fleet.newestMs ?? null,
      fleet: all.totals(),
      sites: [...sites.all()].flatMap(({ site, name, zone, currency }) => {
        const totals = bySite.get(site)!.totals();
        if (!totals.rigs && !configured?.has(site)) return [];
        const inputs = [...rates.now(site, nowMs).inputs];
        const says = metered.get(site);
        const meters = metering?.summary(site);
        const air = metering?.air(site, nowMs);
        const measured = { ...(says && { metered: says }), ...(meters && { meters }), ...(air && { air }) };
        return { ...totals, site, name, zone, currency, inputs, ...measured };
      }),
      agents: agents.views(nowMs),
      store: store(),
      ...(broker && { broker }),
    };
  }

  fleet(at: Pick<FleetColumns, "epoch" | "seq" | "serverMs">): FleetColumns {
    return fleetColumns(this.#parts.fleet.views(), at);
  }

  /** Open alerts, worst first (dangers, then what fires before what is pending), then those that ended within a day and did not begin again, newest first. */
  alerts(): AlertView[] {
    const open = this.#parts.book.open().sort(
      (a, b) =>
        // What is rolled up into another comes last: where there is no room for all, the other says it.
        Number(a.partOf !== undefined) - Number(b.partOf !== undefined) ||
        Number(a.severity !== "danger") - Number(b.severity !== "danger") ||
        // Where there is no room for all, what fires is there.
        Number(a.state === "pending") - Number(b.state === "pending") ||
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
        (b.lossPerH ?? -1) - (a.lossPerH ?? -1) ||
        a.pendingMs - b.pendingMs,
    );
    const ids = new Set(open.map(({ id }) => id));
    return [...open.slice(0, MAX_OPEN_ALERTS), ...this.#recent.filter(({ id }) => !ids.has(id))].map(
      (alert) => this.shown(alert),
    );
  }

  /** The alerts that stand under an open one, by the name of what they are about; undefined where there is no such open alert. */
  alertMembers(id: string): AlertView[] | undefined {
    const { book } = this.#parts;
    const members = [...book.partsOf(id)];
    if (!members.length && !book.open().some((alert) => alert.id === id)) return undefined;
    return members.sort((a, b) => inOrder.compare(a.subject.name, b.subject.name));
  }

  /** Notes alerts that have ended, for the list of recent ones. */
  ended(alerts: readonly AlertView[], nowMs: number): void {
    const ended = alerts.filter((alert) => alert.state === "resolved").reverse();
    if (!ended.length) return;
    const ids = new Set(ended.map(({ id }) => id));
    this.#recent = [...ended, ...this.#recent.filter(({ id }) => !ids.has(id))]
      .filter((alert) => alert.resolvedMs === null || alert.resolvedMs > nowMs - RECENT_MS)
      .slice(0, RECENT_ALERTS);
  }

  rig(id: string, nowMs: number): RigDetail | undefined {
    const { fleet, index, handovers, expected, sites, rates, book, metering } = this.#parts;
    const rig = rigOfId(id);
    if (rig === undefined) return undefined;
    const record = index.record(rig);
    // A rig whose place another has taken is no part of the fleet any more, but its history can still be looked at.
    const view = fleet.view(rig) ?? (record && newRigView(record));
    const site = view && sites.get(view.record.site);
    if (!view || !site) return undefined;
    const open = book.open(rig).map(this.shown);
    const detail = rigDetail(view, site, rates.now(site.site, nowMs), open, nowMs);
    const joined = handovers?.joined(rig) ?? [];
    const told = handovers?.of(rig);
    const { n, ...place } = expected?.(view.record) ?? { n: undefined };
    const entry = n === undefined ? undefined : ({ id: `e${n}`, ...place } as RigDetail["expected"]);
    const meter = metering?.rig(rig, nowMs);
    return {
      ...detail,
      ...(meter && { meter }),
      firstSeenMs: Math.min(detail.firstSeenMs, ...joined.map((each) => index.record(each)!.firstSeenMs)),
      ...(entry && { expected: entry }),
      ...(joined.length && { joined: joined.map(rigId) }),
      ...(told && { handedTo: { kind: told.kind, id: rigId(told.to), atMs: told.atMs } }),
    };
  }

  liveRow(rig: number): LiveRow | undefined {
    const view = this.#parts.fleet.view(rig);
    return view && liveRow(view);
  }

  staticRow(rig: number): StaticRow | undefined {
    const view = this.#parts.fleet.view(rig);
    return view && staticRow(view);
  }

  totalsEveryMs(): number {
    return this.#parts.fleet.size > SMALL_FLEET ? 1_000 : 250;
  }
}
