/** English of how much of their time rigs were up. */
export const enAvailability = {
  "availability.title": "Availability",
  "availability.week": "last 7 days",
  "availability.ratio": "of the time that was read and not planned",
  "availability.up": "up",
  "availability.down": "down",
  "availability.planned": "planned stops",
  "availability.unknown": "not read",
  "availability.loading": "Adding up a week…",
  "availability.note":
    "Up: mining or starting. Down: standing still or silent, and nobody had planned it. Planned: what planned stops cover, whatever it did then. Not read: no agent asked it. To five minutes.",
  "availability.noteSite":
    "All rigs' time together, without rigs in repair or retired. Up: mining or starting. Down: standing still or silent, and nobody had planned it. Planned: what planned stops cover. Not read: no agent asked. To five minutes.",
} as const;
