import type { Fault } from "@hashwatt/protocol/sample";
import type { AvalonModule } from "./avalonTokens.js";
import { type FaultCodes, toFault, uniqueFaults } from "./faultCodes.js";

/**
 * Bits of `ECHU` (one number for each hash board) and `ECMM` (the controller, MM) by generation. The bits are named after the
 * list in binsgit/amsd (lib/avalon_errno.hpp) and Canaan's repair guide for 721 to 841; what is normal on later models after
 * Canaan's log description (ECHU 0 and 512 normal, 513 not). Words, causes and fixes are our own.
 */
const BITS: FaultCodes = {
  2: {
    meaning: "answers over the internal bus arrive damaged",
    cause: "a loose or worn ribbon cable, or a converter (AUC) that hangs",
    fix: "switch the rig off, reseat the cables between controller and boards, swap the converter where there is one",
  },
  4: {
    meaning: "a fan is missing or stands",
    cause: "an unplugged, blocked or worn-out fan",
    fix: "look which fan shows 0 rpm, clean it, reseat its plug; replace it if it does not start",
  },
  8: {
    meaning: "the module is locked",
    cause: "a firmware that does not match the module, or an interrupted upgrade",
    fix: "power-cycle the rig; if it stays, write the firmware of this model again",
  },
  16: {
    meaning: "work came faster than it was taken",
    cause: "the controller asks the module too seldom, often a slow bus or too many modules on one line",
    fix: "watch whether it goes away; if not, restart the controller and put fewer modules on the line",
  },
  32: {
    meaning: "results came faster than they were collected",
    cause: "the controller is overloaded or the bus between it and the module is slow",
    fix: "watch whether it goes away; if not, restart the controller and check the converter",
  },
  64: {
    meaning: "too hot",
    cause: "warm intake air, dust, a weak fan, or exhaust air that comes back",
    fix: "clean filter and heatsinks, check the fans, lower the intake temperature; the rig starts again when it is cool",
  },
  128: {
    meaning: "was too hot before",
    cause: "the rig stopped for heat earlier and has started again",
    fix: "find out why it got hot: dust, fans, intake air",
  },
  256: {
    meaning: "a chip loop does not close",
    cause: "a chip in the chain does not pass data on",
    fix: "power-cycle once; if it stays, the board needs repair",
  },
  512: {
    meaning: "the chips failed their core test",
    cause: "weak chips, or too little voltage for the clock",
    fix: "lower the clock or power mode; replace the board if it fails at the lowest",
  },
  1024: {
    meaning: "the board's voltage controller (PMU) is not found",
    cause: "a bad contact to the power board, or a power board that failed",
    fix: "reseat the power board and its cable; replace it if it stays away",
  },
  2048: {
    meaning: "power good is missing",
    cause:
      "the power board does not deliver its voltage: a fault of it, of the supply, or a short on the hash board",
    fix: "check the supply's output and connectors; swap the power board between slots to see what the fault follows",
  },
  4096: {
    meaning: "the power board's temperature sensor fails",
    cause: "a broken or loose sensor",
    fix: "replace the power board if the rig stops for it",
  },
  8192: {
    meaning: "input voltage of the module is wrong",
    cause: "a supply that sags or is set wrong, loose or burnt connectors",
    fix: "measure the supply under load, tighten or replace its connectors",
  },
  16384: {
    meaning: "core voltage is wrong",
    cause: "a voltage regulator or chip that failed",
    fix: "power-cycle; if it stays, replace the board",
  },
  32768: {
    meaning: "answers of the voltage controller (PMU) arrive damaged",
    cause: "a bad contact or a voltage controller that failed",
    fix: "reseat the power board; replace it if it comes back",
  },
  65536: {
    meaning: "the chips did not take their clock",
    cause: "chips that do not answer, or a firmware of another model",
    fix: "restart the rig; if it stays, write the right firmware again, then suspect the board",
  },
};

/** The bit that means "idle" up to 9xx and is a board or controller that does not work on later models. */
const NOT_WORKING = {
  board: {
    meaning: "does not work",
    cause: "a bad contact between board and controller, or a board that failed",
    fix: "switch the rig off, reseat the board's cables; swap boards to see whether the fault follows the board or the slot",
  },
  controller: {
    meaning: "the controller does not reach the hash boards",
    cause: "a bad contact between controller and boards, or a controller that failed",
    fix: "reseat the controller and its cables, restart; try another controller",
  },
} as const;

/** `PS[0]`, bits of the power supply, after the appendix of Canaan's A10 API manual. */
const SUPPLY: FaultCodes = {
  1: {
    meaning: "power supply: input voltage too low",
    cause: "mains that sag under load, a long or thin feed, the wrong phase",
    fix: "measure the voltage at the plug under load; move the rig to a stronger circuit",
  },
  2: heat("power supply too hot (primary side)"),
  4: heat("power supply too hot (secondary side)"),
  8: heat("power supply too hot (inside)"),
  16: {
    meaning: "power supply: input current too high",
    cause: "too much load for the mains voltage, or a supply that fails",
    fix: "lower the power mode, check the mains voltage; replace the supply if it comes back",
  },
  32: {
    meaning: "power supply: output voltage too low",
    cause: "an overloaded or failing supply, or a short on a hash board",
    fix: "disconnect the boards one by one to find the one that pulls it down; else replace the supply",
  },
  64: overload("power supply: output current too high"),
  128: {
    meaning: "power supply: its parts share the current unevenly",
    cause: "an output stage of the supply is failing, or a connector is loose",
    fix: "tighten the output connectors; replace the supply if it stays",
  },
  256: overload("power supply: current too high at output A"),
  512: overload("power supply: current too high at output B"),
  1024: overload("power supply: current too high at output C"),
  2048: {
    meaning: "power supply: its fan fails",
    cause: "dust, or a worn-out fan",
    fix: "clean the supply's fan; replace fan or supply before it overheats",
  },
};

function heat(meaning: string) {
  return {
    meaning,
    cause: "warm intake air, dust in the supply, or its fan",
    fix: "clean the supply, check its fan and the air in front of it",
  };
}

function overload(meaning: string) {
  return {
    meaning,
    cause: "a short or a failing chip on a hash board, or too high a power mode",
    fix: "lower the power mode; disconnect the boards one by one to find the one that draws too much",
  };
}

const FAN_ERROR = {
  meaning: "the firmware reports a fan fault",
  cause: "an unplugged, blocked or worn-out fan",
  fix: "look which fan shows 0 rpm, clean it, reseat its plug, replace it if need be",
};

/** Core test: set on every board of a healthy rig from the 10xx on. */
const NORMAL_BIT = 512;

/**
 * The faults that a module reports. Codes are `ECHU<board>-<bit>`, `ECMM-<bit>`, `PS-<bit>` and `FanErr-<value>`, behind
 * `MM<n>-` where the rig has several modules. Undefined when the module tells no error field at all.
 */
export function moduleFaults(module: AvalonModule, isOld: boolean, prefix: string): Fault[] | undefined {
  const told = ["ECHU", "ECMM", "PS", "FanErr"].some((key) => module.has(key));
  if (!told) return undefined;
  const faults: Fault[] = [];
  module.list("ECHU").forEach((value, board) => {
    for (const bit of bitsOf(isOld ? value : without(value, NORMAL_BIT))) {
      // 7xx to 9xx: a board with nothing to do.
      if (bit === 1 && isOld) continue;
      const known = bit === 1 ? NOT_WORKING.board : BITS[bit];
      const meaning = known && { ...known, meaning: `hash board ${board}: ${known.meaning}` };
      faults.push(toFault(`${prefix}ECHU${board}-${bit}`, meaning, `hash board ${board}: error bit ${bit}`));
    }
  });
  for (const bit of bitsOf(module.number("ECMM"))) {
    if (bit === 1 && isOld) continue;
    const known = bit === 1 ? NOT_WORKING.controller : BITS[bit];
    faults.push(toFault(`${prefix}ECMM-${bit}`, known, `controller: error bit ${bit}`));
  }
  for (const bit of bitsOf(module.list("PS")[0]))
    faults.push(toFault(`${prefix}PS-${bit}`, SUPPLY[bit], `power supply: error bit ${bit}`));
  const fan = module.number("FanErr");
  if (fan !== undefined && fan > 0) faults.push(toFault(`${prefix}FanErr-${fan}`, FAN_ERROR));
  return uniqueFaults(faults);
}

const without = (value: number | undefined, bit: number): number | undefined =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value & ~bit : undefined;

/** The bits that are set, as numbers; none of what is no bit mask. */
function bitsOf(value: number | undefined): number[] {
  if (value === undefined || !Number.isInteger(value) || value <= 0 || value >= 2 ** 31) return [];
  const bits: number[] = [];
  for (let bit = 1; bit <= value && bits.length < 31; bit *= 2) if (value & bit) bits.push(bit);
  return bits;
}
