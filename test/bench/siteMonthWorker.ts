import { type SiteMonth, siteMonth } from "./siteMonth.js";
import { serve } from "./worker.js";

serve({
  live(month: SiteMonth) {
    return siteMonth(month, (hour, told) => {
      if (hour % 24 === 0)
        console.error(`alerts-month: ${month.seed}, hour ${hour} of ${month.hours}, ${told} told`);
    });
  },
});
