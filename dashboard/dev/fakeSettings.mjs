/** What the law of an invented site's region says. */
export const noticesOf = (site) =>
  site.gridRegion?.startsWith("CN") || site.zone === "Asia/Shanghai"
    ? [
        {
          region: "CN",
          status: "prohibited",
          fact: "Notice 发改运行〔2021〕1283号: new mining projects are prohibited, existing ones are to exit",
          source: "NDRC and others",
          date: "2021-09-24",
          retrieved: "2026-11-21",
        },
      ]
    : [];

/** An invented contract and what it supplied. */
export const fakeMatching = (site, params) => ({
  site: site.site,
  fromMs: Number(params.get("from")),
  toMs: Number(params.get("to")),
  hourly: 0.412,
  annual: 0.63,
  loadKwh: 23_400,
  unmatchedKwh: 13_760,
  hours: 99,
  unknownHours: 2,
  contracts: [
    {
      id: "roof",
      name: "Solar roof",
      kind: "own",
      kgPerKwh: 0,
      validFrom: "2026-01-01",
      source: "invented: meter of the roof",
      usedKwh: 9_640,
    },
  ],
});
