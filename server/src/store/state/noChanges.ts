/** Actions that change nothing: somebody has come or gone. */
export const VISITS: readonly string[] = ["login", "logout"];

/**
 * Actions that change nothing when they are done, and are no entry then: somebody has looked at what would be, or at the past.
 * Each that a viewer may do is among them: who may only look pushes no change out of the record.
 */
export const LOOKS: readonly string[] = [
  "alerts.dryRun",
  "bills.preview",
  "payouts.preview",
  "rates.preview",
  "register.preview",
  "replay.change",
  "replay.end",
  "replay.start",
  "settings.check",
  "settings.preview",
  "settings.urdb",
];

/** Actions that take no room of changes, should they be in the record. */
export const NO_CHANGES: readonly string[] = [...VISITS, ...LOOKS];
