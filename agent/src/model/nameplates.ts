/** What a rig was sold for, at the maker's own conditions (about 25 °C, ±5 %). */
export interface Nameplate {
  model: string;
  ratedThs: number;
  ratedW: number;
  jPerTh: number;
  cooling: string;
  /** Where the figures come from. */
  source: string;
}

/** Where the rows of {@link TABLE} come from, by number. */
const SOURCES = `
1 nhamilton1/asics-tools src/utils/asic-queries/asicWattList.ts
2 year mattk8/mining-data mining-devices.csv @846e555 (F2Pool popular devices list)
3 mattk8/mining-data mining-devices.csv @846e555 (F2Pool popular devices list)
4 Zeus Mining S19 Pro evaluation (rated 110T+-3%, 3250W+-5%)
5 public-GitHub miner preset list
6 year public-GitHub COMPLETE_MINER_DATA
7 public-GitHub POWER_DATABASE
8 public-GitHub "EfficiencyIndex" miner table, row cites Bitdeer Explorer
9 public-GitHub COMPLETE_MINER_DATA
10 public-GitHub ASIC catalogue, asicminervalue-derived, mid-2026
11 cooling cross-checked with UpstreamData/pyasic expected_fans=0
12 public-GitHub supplier spec list "static specs (ASICMinerValue)"
13 HackerNoon BTCWire S21 review (200T, 17.5 J/T)
14 public-GitHub mining calculator constants
15 public-GitHub "EfficiencyIndex" miner table, row cites asicminervalue.com
16 public-GitHub "EfficiencyIndex" miner table, row cites support.bitmain.com S21-XP-Specifications
17 public-GitHub "EfficiencyIndex" miner table, row cites support.bitmain.com S21-XP-Hyd-Specification
18 public-GitHub "EfficiencyIndex" miner table, row cites bitmain.com
19 Bautistagl/gridmine3 SpecificationsT21.jsx (3610 W, 0-45C)
20 public-GitHub "EfficiencyIndex" miner table, row cites Bitmain S23 Hyd product manual v1.0.6 (file12.bitmain.com)
21 public-GitHub "EfficiencyIndex" miner table, row cites bitmain.com (U3S23H)
22 public-GitHub calculator model list
23 cyberlais/bit-cube.new src/models.ts
24 cyberlais/bit-cube.new src/models.ts (3423 W)
`;

/** Model | other names | TH/s | W | cooling | sources. Bitmain and MicroBT, SHA-256, as compiled on 2026-11-21. */
const TABLE = `
Antminer S9|Antminer S9 13.5T|13.5|1323|air|1,2
Antminer S9i||14|1320|air|3
Antminer S9j||14.5|1350|air|3
Antminer S9 SE||16|1280|air|3
Antminer S9 Hydro||18|1728|hydro|3
Antminer T9+||10.5|1432|air|3
Antminer S11||20.5|1435|air|3
Antminer S15||28|1596|air|3
Antminer T15||23|1541|air|3
Antminer S17||53|2385|air|3
Antminer S17 Pro||53|2094|air|3
Antminer S17+||73|2920|air|3
Antminer S17e||64|2880|air|3,1
Antminer T17||40|2200|air|3
Antminer T17+||64|3220|air|3
Antminer T17e||53|2915|air|3
Antminer S19||95|3250|air|3,1
Antminer S19 Pro||110|3250|air|3,1,4
Antminer T19||84|3150|air|5,6
Antminer S19j||90|3100|air|5
Antminer S19j Pro|S19JPro|104|3068|air|1,5,6
Antminer S19j Pro 100T|S19j Pro 100|100|3050|air|1
Antminer S19j Pro+|S19jPro+|122|3355|air|7,5
Antminer S19a||96|3312|air|1
Antminer S19a Pro||110|3245|air|1
Antminer S19k Pro|S19K Pro|120|2760|air|8,9
Antminer S19 XP||140|3010|air|10,1
Antminer S19j XP||151|3247|air|10
Antminer S19 Hydro|S19 Hyd|158|5451|hydro|10,11
Antminer S19 Pro Hyd|S19 Pro Hydro|177|5221|hydro|10,11
Antminer S19 Pro+ Hyd|S19 Pro+ Hydro|198|5445|hydro|10,11
Antminer S19 XP Hyd|S19 XP Hydro|257|5345|hydro|10,11
Antminer S19 XP+ Hyd|S19 XP+ Hydro|279|5301|hydro|10,12
Antminer T19 Hydro|T19 Hyd|158|5451|hydro|10
Antminer T19 Pro Hyd|T19 Pro Hydro|235|5170|hydro|10
Antminer S21||200|3500|air|10,13
Antminer S21+|S21 Plus|216|3564|air|10,14
Antminer S21+ 235T|S21+ 235|235|3877|air|10,14
Antminer S21 Pro||234|3510|air|15,10
Antminer S21 XP|S21XP|270|3645|air|16,10
Antminer S21 Immersion|S21 Imm|301|5569|immersion|10,14
Antminer S21 XP Immersion|S21 XP Imm|300|4050|immersion|10
Antminer S21 Hyd|S21 Hydro,S21 Hyd.|335|5360|hydro|8,10
Antminer S21+ Hyd|S21+ Hydro|319|4785|hydro|10,14,12
Antminer S21e Hyd|S21e Hydro|288|4896|hydro|10,12
Antminer S21 XP Hyd|S21 XP Hydro,S21XP Hyd|473|5676|hydro|17,10
Antminer S21e XP Hyd|S21e XP Hydro|430|5590|hydro|10,18
Antminer S21e XP Hyd 3U|U3S21EXPH|860|11180|hydro|14,9
Antminer S21 XP+ Hyd|S21 XP+ Hydro|500|5500|hydro|18,10
Antminer S21j XP Hyd|S21j XP Hydro|495|5940|hydro|10,12
Antminer T21||190|3610|air|8,10,19
Antminer S23||318|3498|air|10
Antminer S23 Hyd|S23 Hydro|580|5510|hydro|20
Antminer S23 Immersion|S23 Imm|442|5304|immersion|10
Antminer S23 Hyd 3U|U3S23H|1160|11020|hydro|21
Whatsminer M3||11.5|2000|air|3
Whatsminer M10||33|2145|air|3
Whatsminer M20S||68|3260|air|3
Whatsminer M21S||56|3360|air|3,5
Whatsminer M30S||88|3344|air|3,1
Whatsminer M30S+||100|3400|air|1,6
Whatsminer M30S++||112|3472|air|22,9
Whatsminer M31S||74|3404|air|1
Whatsminer M31S+||80|3360|air|1,5
Whatsminer M33S++||242|7260|hydro|10,11
Whatsminer M36S+||164|5576|immersion|10,11
Whatsminer M50||114|3306|air|9,5
Whatsminer M50S||126|3276|air|12,22
Whatsminer M50S++||140|3080|air|23,22
Whatsminer M53||230|6670|hydro|10,11
Whatsminer M53S||260|6760|hydro|10,11
Whatsminer M56||194|5550|immersion|10,11
Whatsminer M56S||212|5550|immersion|10,11
Whatsminer M56S++||242|5324|immersion|23,11
Whatsminer M60||172|3422|air|10,24
Whatsminer M60S||186|3441|air|10,5
Whatsminer M60S+||212|3600|air|10,9
Whatsminer M60S++||226|3600|air|10,12
Whatsminer M63||334|6646|hydro|10,11
Whatsminer M63S||390|7215|hydro|10,5,11
Whatsminer M63S+||424|7208|hydro|10,12,11
Whatsminer M63S++||464|7200|hydro|10,22,11
Whatsminer M66||280|5572|immersion|10,12,11
Whatsminer M66S||298|5513|immersion|10,11
Whatsminer M66S+||318|5406|immersion|10,12,11
Whatsminer M66S++||356|5518|immersion|10,9,11
Whatsminer M70||214|3140|air|10
Whatsminer M70S||226|3140|air|10
Whatsminer M70S+||244|3140|air|10
Whatsminer M72S||264|4000|air|10
Whatsminer M73||470|7200|hydro|10
Whatsminer M73S||500|7200|hydro|10
Whatsminer M76||336|5200|immersion|10
Whatsminer M76S||362|5200|immersion|10
Whatsminer M76S+||390|5200|immersion|10
Whatsminer M78S||472|6550|immersion|10
`;

const sources = new Map(
  SOURCES.trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
);

const byName = new Map<string, Nameplate[]>();
for (const line of TABLE.trim().split("\n")) {
  const [model = "", others = "", ths, watts, cooling = "", from = ""] = line.split("|");
  const ratedThs = Number(ths);
  const ratedW = Number(watts);
  const source = from.split(",").map((key) => sources.get(key));
  const plate = { model, ratedThs, ratedW, jPerTh: ratedW / ratedThs, cooling, source: source.join("; ") };
  for (const name of new Set([model, ...others.split(",").filter(Boolean)].map(spell))) {
    const bins = byName.get(name);
    if (bins) bins.push(plate);
    else byName.set(name, [plate]);
  }
}

/** Spellings that came up before; rigs' models are few, and what a hostile rig invents must not pile up. */
const spellings = new Map<string, string>();
const MAX_SPELLINGS = 1_000;

function nameOf(model: string): string {
  let name = spellings.get(model);
  if (name === undefined) {
    name = spell(model);
    if (spellings.size < MAX_SPELLINGS) spellings.set(model, name);
  }
  return name;
}

/** One spelling per model: without maker's series word, bin (`100T`) and punctuation; `Hydro` is `Hyd`, `Plus` is `+`. */
function spell(model: string): string {
  return model
    .toLowerCase()
    .replace(/^(?:antminer|whatsminer)\s+/, "")
    .replace(/\s+\d+t?$/, "")
    .replace(/hydro\b|hyd\b\.?/g, "hyd")
    .replace(/immersion\b|imm\b\.?/g, "imm")
    .replace(/\s*plus\b/g, "+")
    .replace(/[\s.]+/g, "");
}

/**
 * The nameplate of a model by its exact name. Where it was sold in several bins, the one nearest to `ratedThs` (what the rig
 * says it is rated for), if within 15 %. Undefined when the model, or its bin, is not known.
 */
export function nameplateOf(model: string, ratedThs: number | undefined): Nameplate | undefined {
  const bins = byName.get(nameOf(model));
  if (!bins || (bins.length > 1 && ratedThs === undefined)) return undefined;
  if (ratedThs === undefined) return bins[0];
  const nearest = bins.reduce((a, b) =>
    Math.abs(b.ratedThs - ratedThs) < Math.abs(a.ratedThs - ratedThs) ? b : a,
  );
  return Math.abs(nearest.ratedThs / ratedThs - 1) <= 0.15 ? nearest : undefined;
}

/** Whether a model of this name is known, in whatever bin. */
export const isKnownModel = (model: string): boolean => byName.has(nameOf(model));
