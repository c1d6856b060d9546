import type { InfluxClient } from "./client.js";
import { provision1 } from "./provision1.js";
import { provision2 } from "./provision2.js";
import { provision3 } from "./provision3.js";
import type { Provisioned, WantedDatabase } from "./wanted.js";

/**
 * Makes the databases that are missing, where the config and the InfluxDB allow it, and lengthens the retention of those that
 * keep shorter than the config says. It never shortens one: what a database holds beyond that may be somebody's own. Rejects
 * with one line that says which database or permission is missing.
 */
export async function provision(
  client: InfluxClient,
  wanted: readonly WantedDatabase[],
  /** Hears the name of each database that is not there, before it is made. */
  absent: (name: string) => void,
): Promise<Provisioned> {
  const { flavour, version } = await client.connect();
  switch (flavour) {
    case "1":
      return provision1(client, wanted, absent);
    case "2":
      return provision2(client, wanted, version, absent);
    case "3":
      return provision3(client, wanted, absent);
  }
}
