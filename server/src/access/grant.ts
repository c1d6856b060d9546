import type { Actor } from "@hashwatt/protocol/access";
import type { Role } from "./role.js";
import type { Session } from "./sessions.js";

/** What somebody may do, who it is, and by what they were let in: `endsWith` is what ends that. */
export interface Grant {
  role: Role;
  who: string;
  by: Actor;
  endsWith: string;
  session?: Session;
}

/** What came of a login. */
export type Login =
  | { token: string; grant: Grant }
  /** Neither the password nor a token; `known` is the name if there is such a user. */
  | { wrong: true; known: string | undefined }
  /** Too many wrong ones before; the next try is free after `waitMs`. */
  | { waitMs: number };

/** How one wants to log in; without a name by the password of the config, or a token in its place. */
export interface LoginTry {
  name?: string | undefined;
  password: string;
  address: string;
  /** Whether the cookie may travel encrypted alone. */
  secure?: boolean;
}

/** What the owner of a session may do. */
export const grantBy = (session: Session): Grant => ({
  role: session.role,
  who: session.name,
  by: session.of.startsWith("token:") ? "token" : "user",
  endsWith: `session:${session.key}`,
  session,
});
