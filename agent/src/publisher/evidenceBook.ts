import type { Evidence } from "@hashwatt/protocol/sample";

/** Handles remembered; beyond it all are forgotten, which costs that their evidence is sent again. */
const MAX_HANDLES = 100_000;

interface Page {
  evidence: Evidence;
  /** The stream that holds it. */
  stream: string | undefined;
}

/** What is known of each rig, and whether the stream holds it already. */
export class EvidenceBook {
  readonly #pages = new Map<string, Page>();

  /**
   * Takes note of what a rig's sample came with and returns the evidence that must travel with it in `stream`: all that is known
   * with the rig's first sample of a stream, and whatever changed. The same object again means unchanged and costs a comparison.
   */
  due(handle: string, evidence: Evidence | undefined, stream: string): Evidence | undefined {
    let page = this.#pages.get(handle);
    if (!page) {
      if (!evidence) return undefined;
      if (this.#pages.size >= MAX_HANDLES) this.#pages.clear();
      page = { evidence, stream: undefined };
      this.#pages.set(handle, page);
    } else if (evidence && evidence !== page.evidence) {
      if (JSON.stringify(evidence) !== JSON.stringify(page.evidence)) page.stream = undefined;
      page.evidence = evidence;
    }
    if (page.stream === stream) return undefined;
    page.stream = stream;
    return page.evidence;
  }
}
