import { SimulatorError } from "../errors.js";
import type { RigModel } from "../models.js";
import type { RigIdentity } from "../site.js";

/** What rigs of different models have different numbers of; an action's parameter of this name tells it by its number from 1, or 0 for all. */
export interface Part {
  name: "fan" | "board";
  count(model: RigModel): number;
}

export const FANS: Part = { name: "fan", count: ({ fanCount }) => fanCount };
export const BOARDS: Part = { name: "board", count: ({ boardCount }) => boardCount };

/** "fan 4", or "fan" where any is meant: what a rig has none of. */
export const partText = ({ name }: Part, which: number): string => (which === 0 ? name : `${name} ${which}`);

export const hasPart = ({ count }: Part, which: number, { model }: RigIdentity): boolean =>
  count(model) >= Math.max(1, which);

/** What to say where none of these rigs has the part. */
export function noneHas(part: Part, which: number, rigs: readonly RigIdentity[]): SimulatorError {
  const counts = rigs.map(({ model }) => part.count(model));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = most === 0 ? "no" : least === most ? most : `${least} to ${most}`;
  const whose = rigs.length === 1 ? "the rig has" : "the rigs have";
  return new SimulatorError(
    "bad-scenario",
    `${part.name}: ${which} is not allowed here: ${whose} ${range} ${part.name}${most === 1 ? "" : "s"}`,
    { word: part.name },
  );
}
