import { type FileReport, inspectStores } from "../store/inspect.js";
import { folderHolder, lockedError } from "../store/lock.js";
import { bad, doubtful, type Finding, good } from "./finding.js";

/** Looks at the files of a data folder that no server of ours has open. Makes and changes nothing. */
export async function checkStore(dataDir: string): Promise<Finding> {
  const holder = folderHolder(dataDir);
  if (holder !== undefined) return bad("store", lockedError(dataDir, holder).message);
  const { state, telemetry } = await inspectStores(dataDir);
  // What is in the state file nothing else holds; raw samples can begin anew, and do.
  if (state.problem) return bad("store", tell(state, "the state is not read"));
  if (telemetry.problem)
    return telemetry.problem.code === "storeDamaged"
      ? doubtful("store", tell(telemetry, "the next start sets it aside and says what was lost"))
      : bad("store", tell(telemetry, "raw samples are not read"));
  if (!state.exists && !telemetry.exists)
    return good("store", "duckdb, no files yet: the first start makes them");
  return good("store", `duckdb, ${counted(state, "rigs known")}, ${counted(telemetry, "samples")}`);
}

const tell = ({ problem }: FileReport, what: string): string => `${problem?.message}; ${what}`;

const counted = ({ exists, rows }: FileReport, what: string): string =>
  exists ? `${rows} ${what}` : `no file of ${what} yet`;
