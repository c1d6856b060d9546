import {
  auditPageSchema,
  madeTokenSchema,
  SCOPES,
  type TokenView,
  tokenViewSchema,
  type UserView,
  userViewSchema,
} from "@hashwatt/protocol/access";
import { z } from "zod";
import { ROLES } from "../access/role.js";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

/** Options of `user` and `token`. */
export interface AccessOptions {
  role?: string | undefined;
  name?: string | undefined;
  scope?: string | undefined;
  days?: string | undefined;
  limit?: string | undefined;
  /** Reads a password, where one is needed: from a file, a pipe or the terminal, never from the command line. */
  password(): Promise<string>;
}

const wrong = (message: string): ServerError => new ServerError("badRequest", message);
const at = (ms: number | null): string => (ms === null ? "—" : new Date(ms).toISOString().slice(0, 16));
const path = (name: string): string => encodeURIComponent(name);

function oneOf<T extends string>(what: string, text: string | undefined, known: readonly T[]): T {
  const one = known.find((each) => each === text);
  if (one === undefined) throw wrong(`say ${what}: ${known.join(", ")}`);
  return one;
}

/** `user add|list|set-role|set-password|remove`: manages who logs in at the running server. */
export async function userCommand(
  { api, out }: JobCommand,
  [verb, name]: readonly string[],
  options: AccessOptions,
): Promise<void> {
  if (verb === "list" || verb === undefined) {
    const users = await api.ask("GET", "/api/users", z.array(userViewSchema));
    for (const user of users) out(userLine(user));
    if (!users.length) out("there is no user");
    return;
  }
  const VERBS = ["add", "list", "set-role", "set-password", "remove"];
  if (!VERBS.includes(verb)) throw wrong(`there is no "user ${verb}"; there are ${VERBS.join(", ")}`);
  if (name === undefined) throw wrong(`say whom: user ${verb} NAME`);
  switch (verb) {
    case "add": {
      const role = oneOf("with --role what the user may do", options.role, ROLES);
      const body = { name, role, password: await options.password() };
      return out(`added ${userLine(await api.ask("POST", "/api/users", userViewSchema, body))}`);
    }
    case "set-role": {
      const role = oneOf("with --role what the user may do", options.role, ROLES);
      const user = await api.ask("PATCH", `/api/users/${path(name)}`, userViewSchema, { role });
      return out(`${userLine(user)}; the user's sessions have ended`);
    }
    case "set-password": {
      const password = await options.password();
      await api.ask("PATCH", `/api/users/${path(name)}`, userViewSchema, { password });
      return out(`${name} has another password; the user's sessions have ended`);
    }
    default:
      await api.ask("DELETE", `/api/users/${path(name)}`, z.array(userViewSchema));
      return out(`removed ${name}; the user's sessions have ended`);
  }
}

/** `token create|list|revoke`: manages the API tokens of the running server. */
export async function tokenCommand(
  { api, out, terminal }: JobCommand,
  [verb, which]: readonly string[],
  options: AccessOptions,
): Promise<void> {
  switch (verb) {
    case undefined:
    case "list": {
      const tokens = await api.ask("GET", "/api/tokens", z.array(tokenViewSchema));
      for (const token of tokens) out(tokenLine(token));
      if (!tokens.length) out("there is no token");
      return;
    }
    case "create": {
      if (options.name === undefined) throw wrong("say with --name what the token is for");
      const scope = oneOf("with --scope what the token may do", options.scope, SCOPES);
      const days = options.days === undefined ? 365 : Number(options.days);
      if (!Number.isInteger(days)) throw wrong("--days must be a whole number of days");
      const body = { name: options.name, scope, days };
      const { token, ...view } = await api.ask("POST", "/api/tokens", madeTokenSchema, body);
      // The token alone goes to stdout, so that it can go to a file.
      terminal.write(`${tokenLine(view)}\nthe token, which is shown this once:\n`);
      return out(token);
    }
    case "revoke":
      if (which === undefined) throw wrong("say which: token revoke NAME, or its id");
      return out(tokenLine(await api.ask("DELETE", `/api/tokens/${path(which)}`, tokenViewSchema)));
    default:
      throw wrong(`there is no "token ${verb}"; there are create, list, revoke`);
  }
}

/** `audit [--limit N]`: shows what was changed last, by whom, from where. */
export async function auditCommand({ api, out }: JobCommand, { limit = "50" }: AccessOptions): Promise<void> {
  const { entries } = await api.ask("GET", `/api/audit?limit=${encodeURIComponent(limit)}`, auditPageSchema);
  for (const { atMs, who, by, address, action, object, before, after, result } of entries.reverse()) {
    const change = [before && JSON.stringify(before), after && JSON.stringify(after)].filter(Boolean);
    const actor =
      by === "user" ? who || "somebody unknown" : by === "machine" ? "this machine" : `${by} ${who}`;
    out(
      `${new Date(atMs).toISOString()} ${actor}${address && ` from ${address}`}: ${action} ${object} ${change.join(" → ")} ${result}`.replace(
        / +/g,
        " ",
      ),
    );
  }
}

const userLine = ({ name, role, from, passwordMs }: UserView): string =>
  `${name}: ${role}${from === "config" ? ", declared in the config" : `, password of ${at(passwordMs)}`}`;

const tokenLine = ({ id, name, scope, from, state, expiresMs, lastUsedMs }: TokenView): string =>
  [
    `${name} (${id}): ${scope}`,
    state === "valid" ? (expiresMs === null ? "never expires" : `until ${at(expiresMs)}`) : state,
    `last used ${at(lastUsedMs)}`,
    ...(from === "config" ? ["declared in the config"] : []),
  ].join(", ");
