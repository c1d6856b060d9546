import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Availabilities } from "../availability/availabilities.js";
import { LastDays } from "../availability/lastDays.js";
import type { BrokerLink } from "../broker/link.js";
import type { ServerConfig } from "../config.js";
import type { RigIndex } from "../identity/rigIndex.js";
import type { Hub } from "../live/hub.js";
import type { Overview } from "../overview.js";
import type { FleetRegister } from "../register/fleetRegister.js";
import { configuredBox } from "../sealing/configuredBox.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { AlertBook } from "./book.js";
import type { RuleSettingsTable } from "./custom/ruleSettings.js";
import { DeadMan } from "./deadMan.js";
import { AlertSetup } from "./delivery/alertSetup.js";
import { Delivery } from "./delivery/delivery.js";
import type { MessageWorld } from "./messages/messageText.js";
import { Notifications } from "./notifications.js";
import type { ChannelConfig } from "./notifiers/notifier.js";

/** What telling of alerts works with. */
export interface TellingParts {
  config: Pick<ServerConfig, "alerts" | "webhook" | "publicUrl"> & {
    store: Pick<ServerConfig["store"], "kind" | "dataDir">;
  };
  state: StateStore;
  sites: Pick<Sites, "get" | "all">;
  availability: Pick<Availabilities, "ofSite">;
  book: Pick<AlertBook, "open">;
  ruleTable: Pick<RuleSettingsTable, "ids">;
  savedAlerts: readonly AlertView[];
  index: Pick<RigIndex, "record">;
  register: Pick<FleetRegister, "of">;
  link(): Pick<BrokerLink, "send"> | undefined;
  /** What screens show. */
  overview: Pick<Overview, "shown">;
  hub: Pick<Hub, "alertsChanged">;
  /** Why the server is not well; undefined while it is. */
  unwell(): string | undefined;
  clock: Clock;
  log: Logger;
}

/** Everything between an alert and whoever hears of it. */
export interface Telling {
  setup: AlertSetup;
  delivery: Delivery;
  notifications: Notifications;
  world: MessageWorld;
  deadMan: DeadMan | undefined;
  close(): Promise<void>;
}

/** Opens channels, routes and the queue of messages, and takes up what an earlier run left. */
export async function openTelling(parts: TellingParts): Promise<Telling> {
  const { config, state, sites, clock, log } = parts;
  const { alerts, webhook, publicUrl } = config;
  const days = new LastDays(parts);
  const world = {
    publicUrl,
    siteName: (site: string) => sites.get(site)?.name ?? (site || "the installation"),
    zoneOf: (site: string) => sites.get(site)?.zone ?? "UTC",
    lastDay: (site: string) => days.of(site),
  };
  const setup = await AlertSetup.open({
    documents: state.documents,
    box: configuredBox(config),
    channels: [
      ...(webhook ? [{ id: "webhook", kind: "webhook" as const, url: webhook }] : []),
      ...(alerts.channels as ChannelConfig[]),
    ],
    privateTargets: alerts.privateTargets,
    world,
    zoneOf: world.zoneOf,
    known: () => ({ rules: parts.ruleTable.ids, sites: Array.from(sites.all(), ({ site }) => site) }),
    publish: (topic, body) => parts.link()?.send(topic, body) ?? Promise.resolve(false),
    clock,
    log,
  });
  const notifications = new Notifications(state, clock, log);
  await notifications.start(setup.notifiers);
  const delivery = await Delivery.open(
    {
      store: state,
      setup,
      notifications,
      world,
      open: () => parts.book.open(),
      groupsOf(alert) {
        const record = alert.rig === undefined ? undefined : parts.index.record(alert.rig);
        const place = record && parts.register.of(record);
        const { kind, id, name } = alert.subject;
        if (!place) return kind === "rack" || kind === "row" || kind === "group" ? [id, name] : [];
        const { rack, row, feeder, pdu, owner } = place;
        return [rack, row, feeder, pdu, owner].filter((name) => name !== undefined);
      },
      changed: (changed) => parts.hub.alertsChanged(changed),
      clock,
      log,
    },
    parts.savedAlerts,
  );
  parts.overview.shown = (alert) => delivery.shown(alert);
  const { deadMan: called } = alerts;
  const deadMan =
    called?.url &&
    new DeadMan({ url: called.url, everyMs: called.everyMs, unwell: parts.unwell, clock, log });
  return {
    setup,
    delivery,
    notifications,
    world,
    deadMan,
    async close() {
      deadMan?.[Symbol.dispose]();
      days[Symbol.dispose]();
      await delivery.close();
      await notifications.close();
    },
  };
}
