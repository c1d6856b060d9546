import type { Role } from "../access/role.js";

/**
 * Who may use which endpoint and which channel of the live feed; `public` needs no login. What is not listed here is refused
 * to everybody, so that nothing can be forgotten. HEAD goes with GET.
 */
export const ROUTE_ROLES: Readonly<Record<string, Role | "public">> = {
  // The dashboard's files, with the login page among them, are the same for everybody and hold no data.
  "GET /*": "public",
  // Without a login it says `ok` and no more.
  "GET /api/health": "public",
  "GET /api/session": "public",
  "POST /api/session": "public",
  "DELETE /api/session": "public",
  "GET /api/version": "viewer",
  "GET /api/openapi.json": "viewer",
  "GET /api/fleet": "viewer",
  "GET /api/totals": "viewer",
  "GET /api/meters": "viewer",
  "GET /api/rigs/:id": "viewer",
  "GET /api/rigs/:id/series": "viewer",
  "GET /api/rigs/:id/boards": "viewer",
  "GET /api/rigs/:id/identity": "viewer",
  // Which rig is which: it changes what histories show, and can be undone.
  "POST /api/rigs/:id/merge": "operator",
  "POST /api/rigs/:id/split": "operator",
  "POST /api/rigs/:id/undo": "operator",
  // What is expected to be there.
  "GET /api/register": "viewer",
  "GET /api/register.csv": "viewer",
  "POST /api/register": "operator",
  "POST /api/register/preview": "operator",
  "PATCH /api/register/:id": "operator",
  "DELETE /api/register/:id": "operator",
  "GET /api/sites": "viewer",
  "GET /api/sites/:id/series": "viewer",
  "GET /api/sites/:id/air": "viewer",
  "GET /api/sites/:id/availability": "viewer",
  "GET /api/rigs/:id/availability": "viewer",
  "GET /api/ledger": "viewer",
  "GET /api/break-even": "viewer",
  "GET /api/ledger/sites": "viewer",
  "GET /api/ledger/explain": "viewer",
  "GET /api/export/:data": "viewer",
  "GET /api/matching": "viewer",
  // What was paid and billed: it changes no figure of ours, and stands beside them.
  "GET /api/reconciliation": "viewer",
  "POST /api/reconciliation/payouts": "operator",
  "POST /api/reconciliation/payouts/fetch": "operator",
  "POST /api/reconciliation/bills": "operator",
  // What figures rest on. Some kinds of document ask for more than their endpoint: see DocumentKind.
  "GET /api/settings/sites": "viewer",
  "GET /api/settings/sites/:site": "viewer",
  "PUT /api/settings/sites/:site": "operator",
  "DELETE /api/settings/sites/:site": "operator",
  "GET /api/settings/export.yaml": "viewer",
  "POST /api/settings/import": "operator",
  "GET /api/settings/preview": "viewer",
  "POST /api/settings/preview": "viewer",
  "POST /api/settings/:collection/preview": "viewer",
  "POST /api/settings/urdb": "viewer",
  "GET /api/settings/:collection": "viewer",
  "GET /api/settings/:collection/:id": "viewer",
  "PUT /api/settings/:collection/:id": "operator",
  "DELETE /api/settings/:collection/:id": "operator",
  "GET /api/bills": "viewer",
  // What figures are priced with.
  "GET /api/rates": "viewer",
  "POST /api/rates/import": "operator",
  "GET /api/alerts": "viewer",
  "GET /api/events": "viewer",
  // It reads much history.
  "POST /api/alerts/dry-run": "operator",
  "POST /api/jobs/alerts-dry-run": "operator",
  // What rigs are not to be alarmed about.
  "GET /api/planned-stops": "viewer",
  "PUT /api/planned-stops/:site/:id": "operator",
  "DELETE /api/planned-stops/:site/:id": "operator",
  "GET /api/alerts/:id/steps": "viewer",
  "GET /api/alerts/:id/members": "viewer",
  // What a person on duty does.
  "POST /api/alerts/:id/ack": "operator",
  "POST /api/alerts/:id/unack": "operator",
  "POST /api/alerts/:id/snooze": "operator",
  "POST /api/alerts/:id/unsnooze": "operator",
  "GET /api/alerts/rules": "viewer",
  "GET /api/alerts/silences": "viewer",
  "POST /api/alerts/silence": "operator",
  "DELETE /api/alerts/silences/:id": "operator",
  "GET /api/alerts/routes": "viewer",
  "PUT /api/alerts/routes/:id": "operator",
  "DELETE /api/alerts/routes/:id": "operator",
  "GET /api/alerts/dead-letters": "viewer",
  "POST /api/alerts/dead-letters/:id/send": "operator",
  "DELETE /api/alerts/dead-letters/:id": "operator",
  "GET /api/alerts/channels": "viewer",
  "POST /api/alerts/channels/:id/test": "operator",
  // A channel leads out of the installation.
  "PUT /api/alerts/channels/:id": "admin",
  "DELETE /api/alerts/channels/:id": "admin",
  // Who may look at the present may look at the past: a replay changes nothing.
  "GET /api/replays": "viewer",
  "POST /api/replays": "viewer",
  "GET /api/replays/:id": "viewer",
  "PATCH /api/replays/:id": "viewer",
  "DELETE /api/replays/:id": "viewer",
  "GET /api/replays/:id/fleet": "viewer",
  "GET /api/replays/:id/totals": "viewer",
  "GET /api/replays/:id/alerts": "viewer",
  "GET /api/replays/:id/rigs/:rig": "viewer",
  // For Prometheus, which sends an API token.
  "GET /metrics": "viewer",
  "GET /api/jobs": "viewer",
  "GET /api/jobs/:id": "viewer",
  // A job writes wherever its parameters say that the server may.
  "DELETE /api/jobs/:id": "admin",
  "POST /api/jobs/backup": "admin",
  "POST /api/jobs/copy": "admin",
  "POST /api/jobs/reprice": "operator",
  "POST /api/jobs/export": "admin",
  "POST /api/jobs/:kind": "admin",
  // Who may get in, and what was done: for those who change the installation.
  "GET /api/users": "admin",
  "POST /api/users": "admin",
  "PATCH /api/users/:name": "admin",
  "DELETE /api/users/:name": "admin",
  "GET /api/tokens": "admin",
  "POST /api/tokens": "admin",
  "DELETE /api/tokens/:id": "admin",
  "GET /api/audit": "admin",
  // The live feed over WebSocket, and each of its channels.
  "WS /live": "viewer",
  "LIVE totals": "viewer",
  "LIVE fleet": "viewer",
  "LIVE alerts": "viewer",
  "LIVE rig:<id>": "viewer",
};

/** Who may use an endpoint, by method and the pattern of its path; undefined for one that is not listed. */
export const routeRole = (method: string, path: string): Role | "public" | undefined =>
  ROUTE_ROLES[`${method === "HEAD" ? "GET" : method} ${path}`];

/** Who may subscribe to a channel of the live feed; undefined for one that is not listed. */
export const channelRole = (channel: string): Role | "public" | undefined =>
  ROUTE_ROLES[`LIVE ${channel.replace(/^rig:.*/s, "rig:<id>")}`];
