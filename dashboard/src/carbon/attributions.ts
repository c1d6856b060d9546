/** Whose licence asks to be named beside what is drawn from their bundled data; sources that are asked say it themselves. */
const LICENSED: readonly { named: RegExp; text: string }[] = [
  { named: /electricity ?maps/i, text: "Electricity Maps, ODbL 1.0 (electricitymaps.com)" },
  { named: /\bember\b/i, text: "Ember, CC BY 4.0 (ember-energy.org)" },
  { named: /co2\.js/i, text: "CO2.js, The Green Web Foundation, CC BY-SA 4.0" },
];

/** The attributions that these sources ask for, each once. */
export const attributionsOf = (sources: readonly string[]): string[] =>
  LICENSED.filter(({ named }) => sources.some((source) => named.test(source))).map(({ text }) => text);
