import { type Allowance, LoginLimiter } from "../access/loginLimiter.js";
import { PasswordCheck } from "../access/passwordCheck.js";
import { Busy } from "../access/passwordHash.js";
import type { BrokerUser } from "../config.js";
import type { Refusals } from "../refusals.js";
import type { Secret } from "../secret.js";
import { type AgentClient, SERVER_USER } from "./acl.js";

/** No user's wrong passwords may keep the others out, who all come back at once when the broker does. */
const IN_TOTAL: Allowance = { burst: Number.POSITIVE_INFINITY, everyMs: 1 };

/** Who wants a session with the broker. */
export interface Caller {
  clientId: string;
  address: string;
  username: string | undefined;
  password: string | undefined;
}

/** Who a session belongs to, and what that makes of it. */
export type Member = { name: string } & Role;
type Role =
  /** An agent or, where anybody may come, any client. */
  | { kind: "agent"; who: AgentClient }
  | { kind: "listener" }
  /** Speaks on topics that one of its filters names. */
  | { kind: "meter"; topics: readonly string[] }
  | { kind: "server" };

/** Who gets a session with the embedded broker: the server, and those of the config, or everybody where it names none. */
export class Logins {
  readonly #users = new Map<string, { check: PasswordCheck; role: Role }>();
  readonly #server: PasswordCheck;
  readonly #limiter: LoginLimiter;
  readonly #refusals: Refusals;

  /** `site` is that of the agents whose users do not name theirs. */
  constructor(
    users: readonly BrokerUser[],
    serverPassword: Secret,
    monoMs: () => number,
    refusals: Refusals,
    site?: string,
  ) {
    for (const user of users)
      if (user.password)
        this.#users.set(user.name, { check: new PasswordCheck(user.password), role: roleOf(user, site) });
    this.#server = new PasswordCheck(serverPassword);
    this.#limiter = new LoginLimiter(monoMs, IN_TOTAL);
    this.#refusals = refusals;
  }

  /** Whether every client must say who it is. */
  get areNeeded(): boolean {
    return this.#users.size > 0;
  }

  /** Who the caller is; undefined when it is not let in, which is counted. */
  async memberOf(caller: Caller): Promise<Member | undefined> {
    const { clientId, address, username, password } = caller;
    if (username === SERVER_USER) {
      if (password !== undefined && (await this.#server.matches(password)))
        return { name: SERVER_USER, kind: "server" };
      return this.#refuse(`client ${clientId} calls itself ${SERVER_USER}`);
    }
    if (!this.areNeeded) return anybody(username ?? clientId);
    const who = `${address}: user ${username ?? "(none)"}`;
    if (username === undefined || password === undefined)
      return this.#refuse(`${who} gives no user and password`);
    const user = this.#users.get(username);
    // All names that nobody has count as one, so that making them up makes no user's wrong passwords forgotten.
    const counted = user ? username : "";
    if (this.#limiter.take(address, counted) > 0)
      return this.#refuse(`${who} has given too many wrong passwords`);
    let isRight: boolean | undefined;
    try {
      isRight = await user?.check.matches(password);
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      this.#limiter.giveBack(address, counted);
      return this.#refuse(`${who} must wait: ${error.message}`);
    }
    if (!user || !isRight) return this.#refuse(`${who} is unknown or gives a wrong password`);
    this.#limiter.giveBack(address, counted);
    return { name: username, ...user.role };
  }

  #refuse(why: string): undefined {
    this.#refusals.note("mqtt-login", why);
  }
}

const anybody = (name: string): Member => ({ name, kind: "agent", who: name });

function roleOf({ name, readOnly, topics }: BrokerUser, home: string | undefined): Role {
  if (topics) return { kind: "meter", topics };
  if (readOnly) return { kind: "listener" };
  const [first = "", second] = name.split("/");
  // Of no site is no agent's topic.
  return {
    kind: "agent",
    who: second === undefined ? { site: home ?? "", agent: first } : { site: first, agent: second },
  };
}
