/** Monthly temperatures of a place, °C, January first. */
export interface Climate {
  name: string;
  place: string;
  /** The place that this one stands in for. */
  proxyFor?: string;
  /** East positive; the sun's hour follows from it. */
  longitudeDeg: number;
  /** What its clocks show all the year; summer time is left out. */
  utcOffsetH: number;
  meanC: readonly number[];
  /** Of the mean daily highs and lows; absent where the source has none. */
  highC?: readonly number[];
  lowC?: readonly number[];
  kind: string;
  source: string;
  confidence: "high" | "medium" | "low";
}

/** Each row with its source; longitudes and UTC offsets are geography. */
export const CLIMATES: readonly Climate[] = [
  {
    name: "heze",
    place: "Heze, Shandong",

    longitudeDeg: 115.5,
    utcOffsetH: 8,
    meanC: [-0.5, 2, 7.5, 15, 21, 26, 27.5, 26.5, 21.5, 15.5, 8, 1.5],
    highC: [4, 7, 13, 21, 27, 32, 32, 31, 27, 21, 13, 6],
    lowC: [-5, -3, 2, 9, 15, 20, 23, 22, 16, 10, 3, -3],
    kind: "derived: (avg high + avg low)/2, whole-degree inputs",
    source:
      "zuzuche.com weather page for a Heze attraction (http://tw.zuzuche.com/weather/c3059_scenic10266.html): monthly average daily high/low; mean = midpoint",
    confidence: "medium",
  },
  {
    name: "changchun",
    place: "Changchun, Jilin",
    proxyFor: "Jilin City, Jilin (100 km east; no monthly table of its own was found)",
    longitudeDeg: 125.3,
    utcOffsetH: 8,
    meanC: [-14, -10, 0, 9, 17, 21, 25, 23, 17, 8, -2, -12],
    highC: [-8, -4, 6, 15, 22, 26, 30, 27, 22, 15, 3, -7],
    kind: "climatology, whole degrees",
    source: 'nomadseason.com/climate/china/jilin/changchun.html (updated 2024-05-06), row "Daily mean"',
    confidence: "medium",
  },
  {
    name: "jinan",
    place: "Jinan, Shandong (2009 actual)",

    longitudeDeg: 117.0,
    utcOffsetH: 8,
    meanC: [-0.2, 5.1, 9, 16.7, 21.9, 28.1, 26.5, 25.1, 21.1, 18.8, 4.8, 0.8],
    kind: "single-year observed monthly means",
    source:
      "National Bureau of Statistics of China, China Statistical Yearbook 2010, table 12-13 Monthly Average Temperature of Major Cities (2009) http://www.stats.gov.cn/tjsj/ndsj/2010/html/L1213e.htm",
    confidence: "high",
  },
  {
    name: "hohhot",
    place: "Hohhot, Inner Mongolia (2009 actual)",

    longitudeDeg: 111.7,
    utcOffsetH: 8,
    meanC: [-10.3, -2.8, 1.3, 12, 17.2, 22, 23.8, 21.7, 16.3, 8.6, -4, -10.1],
    kind: "single-year observed monthly means",
    source:
      "National Bureau of Statistics of China, China Statistical Yearbook 2010, table 12-13 Monthly Average Temperature of Major Cities (2009) http://www.stats.gov.cn/tjsj/ndsj/2010/html/L1213e.htm",
    confidence: "high",
  },
  {
    name: "chengdu",
    place: "Chengdu, Sichuan (2009 actual)",

    longitudeDeg: 104.1,
    utcOffsetH: 8,
    meanC: [5.7, 10.8, 12.5, 17.5, 21.1, 24.6, 24.9, 25, 22.7, 17.7, 10.7, 7.9],
    kind: "single-year observed monthly means",
    source:
      "National Bureau of Statistics of China, China Statistical Yearbook 2010, table 12-13 Monthly Average Temperature of Major Cities (2009) http://www.stats.gov.cn/tjsj/ndsj/2010/html/L1213e.htm",
    confidence: "high",
  },
  {
    name: "midland",
    place: "Midland-Odessa, Texas",

    longitudeDeg: -102.1,
    utcOffsetH: -6,
    meanC: [5.8, 8.4, 13.2, 18.1, 22.7, 26.4, 27.8, 27.1, 22.9, 17.8, 11.4, 7],
    highC: [13.6, 16.4, 21.8, 26.6, 30.8, 34.1, 35.2, 34.5, 29.7, 25.2, 19, 14.7],
    lowC: [-1.9, 0.3, 4.6, 9.7, 14.5, 18.7, 20.3, 19.7, 16.2, 10.3, 3.8, -0.7],
    kind: "climatology",
    source: "climate-zone.com Midland-Odessa (Centigrade)",
    confidence: "medium",
  },
  {
    name: "reykjavik",
    place: "Reykjavik, Iceland",

    longitudeDeg: -21.9,
    utcOffsetH: 0,
    meanC: [0, 0.5, 0.5, 3.5, 7, 9.5, 11.5, 11.5, 8.5, 4.5, 2, 0.5],
    highC: [2, 3, 3, 6, 10, 12, 14, 14, 11, 7, 4, 3],
    lowC: [-2, -2, -2, 1, 4, 7, 9, 9, 6, 2, 0, -2],
    kind: "derived: (max+min)/2, whole-degree inputs",
    source: "climatestotravel.com/climate/iceland/reykjavik (monthly min/max); mean = midpoint",
    confidence: "medium",
  },
];
