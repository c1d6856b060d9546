import { z } from "zod";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

const keptSchema = z.object({ id: z.string() });
const wrong = (message: string): ServerError => new ServerError("badRequest", message);

/** `rig merge ID INTO`, `rig split ID`, `rig undo ID`: says which rig is which, at the running server. */
export async function rigCommand({ api, out }: JobCommand, words: readonly string[]): Promise<void> {
  const [verb = "", rig, into] = words;
  const VERBS = ["merge", "split", "undo"];
  if (!VERBS.includes(verb)) throw wrong(`there is no "rig ${verb}"; there are ${VERBS.join(", ")}`);
  if (rig === undefined) throw wrong(`say which rig by its id: rig ${verb} r7`);
  if (verb === "merge" && into === undefined) throw wrong(`say with which it is one: rig merge ${rig} r3`);
  if (verb !== "merge" && into !== undefined) throw wrong(`"${into}" is one word too many; see --help`);
  const path = `/api/rigs/${encodeURIComponent(rig)}/${verb}`;
  const { id } = await api.ask("POST", path, keptSchema, verb === "merge" ? { into } : undefined);
  if (verb === "merge") out(`${rig} and ${id} are one rig, ${id}; take it back with rig undo ${rig}`);
  else if (verb === "split")
    out(`what answers as ${rig} is ${id} from now on; take it back with rig undo ${rig}`);
  else out(`${id} is what it was before`);
}
