import { telemetryContract } from "./support/telemetryContract.js";
import { TELEMETRY_STORES } from "./support/telemetryStores.js";

for (const [name, kind] of Object.entries(TELEMETRY_STORES)) telemetryContract(name, kind);
