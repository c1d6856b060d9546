import type { FaultCodes, FaultMeaning } from "./faultCodes.js";

/**
 * WhatsMiner error codes. Digits are type, subtype and value: 53x is "hash board, not found" in slot x. Compiled after the
 * WhatsMiner API manual 2.0.x and the tables of UpstreamData/pyasic and 256foundation/asic-rs; words, causes and fixes are our own.
 */

/** Builds what several codes share; each has a meaning of its own. */
const kind =
  (cause: string, fix: string) =>
  (meaning: string): FaultMeaning => ({ meaning, cause, fix });

const fan = kind(
  "dust or a blockage, a loose plug, or a worn-out fan",
  "clean the fan and its grille, reseat the plug; replace the fan if its speed stays off",
);
const supply = kind(
  "a supply that fails or hangs, or unstable mains",
  "cut the power for two minutes and start again; if it comes back, try another supply",
);
const supplyIn = kind(
  "mains voltage outside the supply's range, a long or thin feed, a loose plug",
  "measure the voltage at the rig under load, check plug and breaker; move the rig to a stronger circuit",
);
const supplyOut = kind(
  "a short or a failing chip on a hash board, loose copper bars, or a supply that fails",
  "tighten the copper bars; disconnect the boards one by one to find the one at fault; else try another supply",
);
const supplyHeat = kind(
  "warm intake air, dust in the supply, or its fan",
  "clean the supply, check its fan and the air in front of it",
);
const supplyFan = kind(
  "dust in the supply's fan, or a worn-out one",
  "clean it; replace fan or supply before it overheats",
);
const supplyMatch = kind(
  "a supply of another model, or a firmware for another rig",
  "fit the supply that belongs to the rig, or write the firmware of its model",
);
const supplyLink = kind(
  "a loose or damaged cable between supply and control board, or a supply that hangs",
  "reseat the cable, cut the power for two minutes; if it comes back, try another cable, then another supply",
);
const sensor = kind(
  "a loose ribbon cable or a sensor that failed",
  "reseat the board's cable; swap boards to see whether the fault follows the board or the slot; have the sensor replaced",
);
const hot = kind(
  "warm intake air, dust, a weak fan, exhaust air that comes back, or too little coolant",
  "clean filter and heatsinks, check the fans or the flow, lower the intake temperature; it starts again when cool",
);
const humid = kind(
  "a sensor that is missing or broken, or damp air",
  "check for condensation before switching on; have the sensor replaced",
);
const eeprom = kind(
  "a loose ribbon cable, or the board's memory chip",
  "reseat the board's cable; try the board in another slot; have its memory rewritten or the board repaired",
);
const mismatch = kind(
  "boards of different rigs in one, or a firmware for another model",
  "fit boards of the same type and bin, or write the firmware of this model",
);
const board = kind(
  "a loose ribbon cable or copper bar, or a chip that failed",
  "switch off, reseat cable and bars; try the board in another slot; if the fault goes with it, it needs repair",
);
const chips = kind(
  "weak or damaged chips, too much heat, or too little voltage for the clock",
  "check cooling and supply, try a lower power mode; if it stays, the board needs repair",
);
const intake = kind(
  "the air in front of the rig is too hot",
  "lower the intake temperature, see that exhaust air does not come back; a lower power mode bears more heat",
);
const control = kind(
  "a firmware that crashed, or a control board that fails",
  "restart, then update the firmware; try another control board if it comes back",
);
const tampered = kind(
  "a damaged or changed firmware, possibly malware",
  "write the maker's firmware again from a clean file, change the password, and look at the neighbours too",
);
const poolLink = kind(
  "a wrong pool address or worker, a network without way out, or a pool that is down",
  "check the pool's settings, name resolution and firewall; keep a second pool in place",
);
const slow = kind(
  "a board that does not hash, heat, weak mains, or tuning that is not finished",
  "look for other codes and for the weakest board first; check cooling and supply; restart once",
);
const coolant = kind(
  "a pump that stands, a closed valve, air in the loop, or a blocked filter",
  "check pump, valves and filter, let the air out of the loop; do not run without flow",
);
const setup = kind(
  "data that the factory writes is missing or does not fit the hardware",
  "write the firmware of this model again; if it stays, take it up with the seller",
);

/** Codes with a meaning of their own. */
export const CODES: FaultCodes = {
  100: fan("fan: not known"),
  110: fan("intake fan: speed is wrong"),
  111: fan("exhaust fan: speed is wrong"),
  120: fan("intake fan: speed off by more than 2,000 rpm"),
  121: fan("exhaust fan: speed off by more than 2,000 rpm"),
  130: fan("intake fan: speed off by more than 3,000 rpm"),
  131: fan("exhaust fan: speed off by more than 3,000 rpm"),
  140: fan("fan speed too high"),
  200: supplyLink("power supply not found"),
  201: supplyMatch("power supply does not match the configuration"),
  202: supplyOut("power supply: output voltage is wrong"),
  203: supplyHeat("power supply protects itself: surroundings too hot"),
  204: supplyHeat("power supply limits its current: surroundings too hot"),
  205: supplyOut("power supply: current is wrong"),
  206: supplyIn("power supply: input voltage too low"),
  207: supplyIn("power supply: input current protection, bad mains"),
  208: supply("power supply: power is wrong"),
  209: supply("power supply: output voltage drifts from what is set"),
  210: supply("power supply: fault"),
  211: supply("power supply: output current cannot be read"),
  212: supplyOut("power supply: output voltage at the end of its range"),
  213: supply("power supply: input does not match output"),
  214: supplyLink("power supply: control line does not switch"),
  215: supplyLink("power supply: output voltage could not be set"),
  216: supplyLink("power supply: its values have not changed for long"),
  217: supplyLink("power supply: could not be switched on"),
  218: supplyIn("power supply: input below 230 V in high power mode"),
  219: supplyIn("power supply: input current is wrong"),
  ...each([233, 234, 235], supplyHeat("power supply: output stage too hot")),
  ...each([236, 237, 238, 268], supplyOut("power supply: output current too high")),
  239: supplyOut("power supply: output voltage too high"),
  240: supplyOut("power supply: output voltage too low"),
  241: supplyOut("power supply: outputs share the current unevenly"),
  ...each([243, 244, 245], supplyHeat("power supply: input stage too hot")),
  ...each([246, 247, 270], supplyIn("power supply: input voltage too high")),
  ...each([248, 249, 257, 269], supplyIn("power supply: input current too high")),
  ...each([250, 251, 271], supplyIn("power supply: input voltage too low")),
  ...each([253, 254, 274], supplyFan("power supply: its fan fails")),
  ...each([255, 256, 272], supplyOut("power supply: output power too high")),
  263: supplyLink("power supply: communication is disturbed"),
  264: supplyLink("power supply: no communication"),
  267: supplyLink("power supply: its watchdog switched it off"),
  273: supplyIn("power supply: input power too high"),
  275: supplyHeat("power supply: getting too hot"),
  329: sensor("control board temperature sensor does not answer"),
  370: intake("temperature of the surroundings jumps"),
  380: humid("humidity sensor not found"),
  ...each([381, 382], humid("humidity sensor cannot be read")),
  383: humid("stopped, too damp"),
  400: eeprom("a board's EEPROM: not known"),
  500: board("a hash board: not known"),
  600: intake("surroundings too hot"),
  610: intake("surroundings too hot for high power mode"),
  700: setup("control board has no valid MAC address"),
  701: control("control board does not support the chip"),
  ...each([710, 712], control("control board rebooted after an exception")),
  711: control("control board rebooted after an exception and runs slower"),
  713: {
    meaning: "the network is unstable, and the clock was set again",
    cause: "a bad cable, switch port or time server",
    fix: "try another cable and port; see that the rig reaches a time server",
  },
  714: control("control board: not known"),
  800: tampered("checksum of the mining program is wrong"),
  801: tampered("checksum of the system monitor is wrong"),
  802: tampered("checksum of the remote daemon is wrong"),
  810: setup("serial numbers of a rig converted from air to liquid do not match"),
  901: slow("power rate is wrong"),
  2000: {
    meaning: "no pool configured",
    cause: "the pool settings are empty, often after a reset",
    fix: "enter pools and worker",
  },
  2010: {
    meaning: "all pools disabled",
    cause: "somebody or a tool switched them off",
    fix: "enable a pool",
  },
  2030: {
    meaning: "pool rejects too many shares",
    cause: "a slow or unstable line to the pool, or a board that miscalculates",
    fix: "check the line, try a nearer pool; compare the hardware errors of the boards",
  },
  2040: {
    meaning: "pool does not support AsicBoost",
    cause: "the pool does not offer version rolling",
    fix: "choose a pool that does",
  },
  ...each([2310, 2320], slow("hashrate too low")),
  ...each([2330, 2340], slow("hashrate loss too high")),
  2350: slow("hashrate loss"),
  5080: chips("calibration of the chip temperatures failed: restore the factory settings"),
  8000: setup("the tool that set it up is too old"),
  8010: slow("test: clock too low"),
  8020: slow("test: hashrate too low"),
  8035: intake("test: surroundings too hot"),
  8100: setup("chip data is wrong"),
  8200: setup("version of the power supply is wrong"),
  8210: mismatch("miner type is wrong"),
  8220: setup("version information is wrong"),
  8300: setup("level is empty"),
  8400: control("firmware too old: update it"),
  8410: control("firmware version is wrong"),
  8600: setup("product serial number missing"),
  8610: setup("product type missing"),
  8620: setup("miner serial number missing"),
  8621: setup("miner serial number has the wrong length"),
  8630: setup("power supply serial number missing"),
  8631: setup("power supply serial number is wrong"),
  8632: setup("miner serial number is wrong"),
  8640: supplyMatch("power supply model missing"),
  ...each([8641, 8642, 8643, 8644], supplyMatch("power supply model is wrong")),
  8650: mismatch("hash board structure is wrong"),
  8660: mismatch("cooling type is wrong"),
  8670: setup("board serial number missing"),
  8700: supplyMatch("power supply does not fit the miner"),
  ...each([9000, 9010], control("mining program ended unexpectedly")),
  9999: control("fault that the firmware does not name"),
  100000: tampered("security library fails"),
  ...each([100001, 100002, 100003], tampered("security files are not the maker's")),
  100100: tampered("mining program was removed for security"),
  110000: tampered("foreign file found"),
  110001: tampered("malware was removed"),
};

function each(codes: readonly number[], meaning: FaultMeaning): Record<number, FaultMeaning> {
  return Object.fromEntries(codes.map((code) => [code, meaning]));
}

/** Groups by the digits before the last; `{n}` is the last digit: a slot, a pool or a level. */
export const SLOTS: FaultCodes = {
  30: sensor("slot {n}: temperature sensor not found"),
  32: sensor("slot {n}: temperature cannot be read"),
  35: hot("slot {n}: stopped, too hot"),
  36: hot("slot {n}: hash board too hot"),
  41: eeprom("slot {n}: EEPROM not found"),
  42: eeprom("slot {n}: EEPROM cannot be read"),
  43: mismatch("slot {n}: chip bin is wrong"),
  44: eeprom("slot {n}: EEPROM has a wrong number of chips"),
  45: eeprom("slot {n}: EEPROM does not answer"),
  51: mismatch("slot {n}: miner type is wrong"),
  52: mismatch("slot {n}: chip bin is wrong"),
  53: board("slot {n}: hash board not found"),
  54: board("slot {n}: chip ids cannot be read"),
  55: board("slot {n}: bad chips"),
  56: chips("slot {n}: out of balance"),
  57: board("slot {n}: chips do not answer"),
  58: board("slot {n}: reset failed"),
  59: chips("slot {n}: frequency too low"),
  72: board("slot {n}: data between control board and hash board arrive damaged"),
  202: poolLink("pool {n}: connection failed"),
  211: board("slot {n}: failed a step of the factory test"),
  501: chips("slot {n}: chip voltage too low"),
  502: chips("slot {n}: chip voltage changed"),
  503: chips("slot {n}: chip temperatures differ too much"),
  504: chips("slot {n}: hottest chips differ too much"),
  505: hot("slot {n}: stopped, chips too hot"),
  507: coolant("slot {n}: coolant flow is wrong"),
  509: chips("slot {n}: chip temperatures do not balance"),
  511: chips("slot {n}: frequency was not reached in time"),
  512: board("slot {n}: too many CRC errors"),
  513: chips("slot {n}: unstable"),
  517: chips("slot {n}: frequency was not reached in time"),
};

/** Codes of one chip: type, slot and chip, in four digits or six. */
export const CHIPS: FaultCodes = {
  52: chips("slot {n}: chip {c} miscalculates"),
  53: chips("slot {n}: chip {c} finds too little"),
  54: hot("slot {n}: chip {c} stopped, too hot"),
  55: chips("slot {n}: chip {c} was reset"),
  56: chips("slot {n}: chip {c} finds nothing"),
};

/** Type 85: a quality test, `{n}` is its level; the last digit says what failed. */
export const SUBSTANDARD = ["hashrate", "power", "fan speed", "fan speed", "voltage"] as const;
export const substandard = slow;

/** What the leading digits mean where nothing narrower is known. */
export const KINDS: FaultCodes = {
  1: fan("fan"),
  2: supply("power supply"),
  3: hot("temperature"),
  4: eeprom("hash board EEPROM"),
  5: board("hash board"),
  6: intake("surroundings"),
  7: control("control board"),
  8: tampered("firmware checksum"),
  9: slow("power rate"),
  20: poolLink("pool"),
  21: board("factory test"),
  23: slow("hashrate"),
  50: chips("coolant or chip voltage"),
  51: chips("frequency"),
};

export const FIRMWARE: FaultMeaning = tampered("firmware or security");
