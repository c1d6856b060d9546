import type { AddressRange } from "./discovery/targets.js";
import { inRange } from "./discovery/targets.js";
import type { Secret } from "./secret.js";

/** A user of a rig's web interface. */
export interface Login {
  username: string;
  password: Secret;
  /** Whether a rig may have the password as it is, unencrypted, where it asks for HTTP Basic. */
  basic?: boolean | undefined;
}

/** A login of the config and whose it is: of all makes, or all addresses, where one is absent. */
export interface LoginRule extends Login {
  make?: string | undefined;
  range?: AddressRange | undefined;
}

/** What opens the web interfaces of rigs. */
export interface Logins {
  /** The first login of the config that holds for a rig of `make` at `address`; undefined when none does. */
  find(make: string | undefined, address: string): Login | undefined;
  /** Whether vendors' documented logins may be tried where the config has none. */
  readonly allowDefaults: boolean;
  /** Grows whenever the logins change: a refused one is tried again then. */
  readonly version: number;
}

/** No login and no defaults. */
export const NO_LOGINS: Logins = { find: () => undefined, allowDefaults: false, version: 0 };

/** Logins that {@link ChangingLogins.set} replaces as a whole while rigs are watched. */
export interface ChangingLogins extends Logins {
  set(rules: readonly LoginRule[], allowDefaults: boolean): void;
}

/** Makes logins of `rules`, the first that fits counts. */
export function newLogins(rules: readonly LoginRule[], allowDefaults: boolean): ChangingLogins {
  let held = { rules, allowDefaults };
  let version = 1;
  return {
    find: (make, address) =>
      held.rules.find(
        (rule) =>
          (rule.make === undefined || rule.make === make) &&
          (rule.range === undefined || inRange(rule.range, address)),
      ),
    get allowDefaults() {
      return held.allowDefaults;
    },
    get version() {
      return version;
    },
    set(rules, allowDefaults) {
      held = { rules, allowDefaults };
      version++;
    },
  };
}
