import type { Evidence } from "@hashwatt/protocol/sample";

/** Handles remembered; beyond it all are forgotten, which costs that their evidence is sent again. */
const MAX_HANDLES = 100_000;
/**
 * After so long a stream is told again: where the record that held it is damaged or dropped, nothing else would tell whose the
 * rest of the stream is. About a hundredth of the bytes of a rig that is read every 5 s.
 */
const REPEAT_MS = 600_000;

interface Page {
  evidence: Evidence;
  /** The stream that holds it, and since when (monotonic). */
  stream: string | undefined;
  toldMs: number;
}

/** What is known of each rig, and whether the stream holds it already. */
export class EvidenceBook {
  readonly #pages = new Map<string, Page>();

  /**
   * Takes note of what a rig's sample came with and returns the evidence that must travel with it in `stream`: all that is known
   * with the rig's first sample of a stream and every ten minutes of it, and whatever changed. `monoMs` is the present. The same
   * object again means unchanged and costs a comparison.
   */
  due(handle: string, evidence: Evidence | undefined, stream: string, monoMs: number): Evidence | undefined {
    let page = this.#pages.get(handle);
    if (!page) {
      if (!evidence) return undefined;
      if (this.#pages.size >= MAX_HANDLES) this.#pages.clear();
      page = { evidence, stream: undefined, toldMs: monoMs };
      this.#pages.set(handle, page);
    } else if (evidence && evidence !== page.evidence) {
      if (JSON.stringify(evidence) !== JSON.stringify(page.evidence)) page.stream = undefined;
      page.evidence = evidence;
    }
    if (page.stream === stream && monoMs - page.toldMs < REPEAT_MS) return undefined;
    page.stream = stream;
    page.toldMs = monoMs;
    return page.evidence;
  }
}
