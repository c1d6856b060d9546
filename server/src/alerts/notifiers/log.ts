import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import type { NotifierKind } from "./notifier.js";

/** Writes one line of the server's log for each alert that begins or ends. */
export const log: NotifierKind = {
  kind: "log",
  manner: { human: false, most: MESSAGE_ALERTS },
  open: ({ id }, { log }) => ({
    id,
    async deliver({ alerts, more, why }) {
      for (const alert of alerts) {
        const { rule, severity, state, site, reason, lossPerH, currency } = alert;
        const told = {
          rule,
          severity,
          state,
          site,
          subject: alert.subject.id,
          reason,
          lossPerH,
          currency,
          why,
        };
        if (state === "firing" && severity === "danger") log.error(told, "alert");
        else log.warn(told, "alert");
      }
      if (more) log.warn({ more }, "further alerts");
      if (why === "test") log.info({ channel: id }, "test of the log channel");
      return { kind: "delivered" };
    },
  }),
};
