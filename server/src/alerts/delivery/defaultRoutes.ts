import type { AlertRoute } from "@hashwatt/protocol/alerting";

/** A channel as routes look at it. */
export interface RoutedChannel {
  id: string;
  /** Whether a person reads it. */
  human: boolean;
}

/**
 * The routes that hold until an operator makes one: programs hear everything at once; people hear of danger, of warnings and of money
 * at once, and of the rest once a day.
 */
export function defaultRoutes(channels: readonly RoutedChannel[]): AlertRoute[] {
  const ids = (human: boolean) => channels.filter((each) => each.human === human).map(({ id }) => id);
  const [people, programs] = [ids(true), ids(false)];
  return [
    ...(programs.length ? [{ id: "programs", builtIn: true, order: 0, match: {}, channels: programs }] : []),
    ...(people.length
      ? [
          {
            id: "people-at-once",
            builtIn: true,
            order: 1,
            match: { severities: ["danger" as const, "warning" as const, "money" as const] },
            channels: people,
          },
          {
            id: "people-daily",
            builtIn: true,
            order: 2,
            match: { severities: ["notice" as const] },
            channels: people,
            digestAt: "08:00",
          },
        ]
      : []),
  ];
}
