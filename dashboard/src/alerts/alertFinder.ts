import type { AlertView } from "@hashwatt/protocol/http";

/**
 * What a text finds: alerts of which every word of it stands somewhere in name, model, site, severity, note, reason, or in the `more`
 * that the screen says of one. An empty text finds all.
 */
export function alertFinder(
  text: string,
  more: (alert: AlertView) => readonly string[],
): (alert: AlertView) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  return (alert) => {
    const { subject, rigName, model, site, severity, rule, reason, ack, members } = alert;
    const named = members?.subjects.map(({ name }) => name) ?? [];
    const all = [subject.name, rigName, model, site, severity, rule, reason, ack?.by, ack?.note, ...named];
    const said = [...all, ...more(alert)].join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  };
}
