import { alertTopic } from "@hashwatt/protocol/topics";
import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import type { NotifierKind } from "./notifier.js";

/** Publishes alerts on this server's broker, one message a site, on `hashwatt/v1/{site}/alerts`. */
export const mqtt: NotifierKind = {
  kind: "mqtt",
  manner: { human: false, most: MESSAGE_ALERTS, whole: true },
  open: ({ id }, { publish }) => ({
    id,
    async deliver({ alerts, ...rest }, signal) {
      if (rest.why === "test") {
        const taken = await publish(alertTopic("hashwatt-test"), { ...rest, alerts });
        return taken ? { kind: "delivered" } : { kind: "retry", reason: "the broker cannot be reached" };
      }
      const { groups: _ofAllSites, more: _none, ...told } = rest;
      for (const site of new Set(alerts.map((alert) => alert.site))) {
        const body = { ...told, alerts: alerts.filter((alert) => alert.site === site) };
        if (!(await publish(alertTopic(site), body)))
          return { kind: "retry", reason: "the broker cannot be reached" };
        if (signal.aborted) throw signal.reason;
      }
      return { kind: "delivered" };
    },
  }),
};
