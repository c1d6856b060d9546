import type { AuditPage, MadeToken, Scope, TokenView, UserView } from "@hashwatt/protocol/access";
import type { Role } from "@hashwatt/protocol/http";
import { getJson, query, sendJson } from "../feed/fetchApi.js";

/** Who logs in by name. */
export const fetchUsers = (signal: AbortSignal) => getJson<UserView[]>("/api/users", signal);
/** The tokens of programs, never their texts. */
export const fetchTokens = (signal: AbortSignal) => getJson<TokenView[]>("/api/tokens", signal);

/** What of the record of changes is wanted: of whom, which actions, older than an entry. */
export interface AuditFilter {
  user?: string | undefined;
  action?: string | undefined;
  before?: number | undefined;
}
export const fetchAudit = ({ user, action, before }: AuditFilter, signal: AbortSignal) =>
  getJson<AuditPage>(`/api/audit?${query({ user, action, before, limit: 50 })}`, signal);

/** A change that is not given up halfway: it has no signal to abort it by. */
const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  sendJson<T>(method, path, body, new AbortController().signal);

export const addUser = (name: string, role: Role, password: string) =>
  send<UserView>("POST", "/api/users", { name, role, password });
export const setUser = (name: string, change: { role?: Role; password?: string }) =>
  send<UserView>("PATCH", `/api/users/${encodeURIComponent(name)}`, change);
export const removeUser = (name: string) =>
  send<UserView[]>("DELETE", `/api/users/${encodeURIComponent(name)}`);
export const createToken = (name: string, scope: Scope, days: number) =>
  send<MadeToken>("POST", "/api/tokens", { name, scope, days });
export const revokeToken = (id: string) => send<TokenView>("DELETE", `/api/tokens/${encodeURIComponent(id)}`);
