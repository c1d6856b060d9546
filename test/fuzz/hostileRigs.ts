import { type Behaviour, startHostileRig } from "./hostileRig.js";

// A process of its own: what the hostile rigs themselves have to do must not count as the agent's delay.
const behaviours = process.argv.slice(2) as Behaviour[];
const rigs = await Promise.all(behaviours.map(() => startHostileRig()));
for (const [i, rig] of rigs.entries())
  rig.is = {
    replies: {},
    victim: "*",
    bytes: Buffer.from('{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{}]}'),
    behaviour: behaviours[i]!,
  };
console.log(`ports ${rigs.map(({ port }) => port).join(" ")}`);
