import type { InfluxClient } from "./client.js";
import { provision1 } from "./provision1.js";
import { provision2 } from "./provision2.js";
import { provision3 } from "./provision3.js";
import type { InfluxDatabases } from "./wanted.js";

/**
 * Makes the databases that are missing, where the config and the InfluxDB allow it, and brings their retention to what the
 * config says; but never shortens one that keeps for ever, for then somebody else has made it. Returns sentences about what is
 * not as the config has it. Rejects with one line that says which database or permission is missing.
 */
export async function provision(
  client: InfluxClient,
  { raw, fiveMinutes, hours }: InfluxDatabases,
): Promise<string[]> {
  const { flavour, version } = await client.connect();
  const wanted = [raw, fiveMinutes, hours];
  switch (flavour) {
    case "1":
      return provision1(client, wanted);
    case "2":
      return provision2(client, wanted, version);
    case "3":
      return provision3(client, wanted);
  }
}
