/** Kilograms of an avoirdupois pound, exactly. */
const KG_PER_LB = 0.453_592_37;

/** kg per kWh of what US tables give in pounds per MWh. */
export const kgPerKwh = (poundsPerMwh: number): number => (poundsPerMwh * KG_PER_LB) / 1_000;
