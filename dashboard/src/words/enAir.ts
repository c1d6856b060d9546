/** English of a site's air and of its meters. */
export const enAir = {
  "air.title": "Air",
  "air.note": "sensors, 24 h",
  "air.at.ambient": "site",
  "air.at.row": "row",
  "air.at.inlet": "inlet",
  "air.range": "24 h {low}–{high}",
  "air.never": "nothing heard yet",
  "air.silent": "silent for {age}",
  "air.open": "History of {meter}",
  "air.more": "and {n} more {n|sensor|sensors}: GET /api/sites/…/air",
  "air.chart": "{meter}: mean, with extremes as a band",
  "air.history": "{meter}, history",
  "air.close": "Close",
  "air.30d": "30 d",
  "meters.all": "{n} {n|meter|meters}, all of them speak",
  "meters.silent": "{silent} of {n} {n|meter|meters} give no figure",
} as const;
