/** Rows written at once: their text is short-lived, and small enough for the nursery. */
const TOGETHER = 24;

/** `{"rows": […], …rest}` as UTF-8; `rest` is asked for once all rows were taken. */
export function jsonWithRows(rows: Iterable<object>, rest: () => object): Buffer {
  let bytes = Buffer.allocUnsafe(64 * 1024);
  let length = 0;
  const put = (text: string): void => {
    // No UTF-16 unit takes more than three bytes.
    const most = length + text.length * 3;
    if (most > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(most, bytes.length * 2));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    length += bytes.write(text, length);
  };
  put('{"rows":[');
  let waiting: object[] = [];
  let isFirst = true;
  const flush = (): void => {
    if (!waiting.length) return;
    const text = JSON.stringify(waiting).slice(1, -1);
    put(isFirst ? text : `,${text}`);
    isFirst = false;
    waiting = [];
  };
  for (const row of rows) {
    waiting.push(row);
    if (waiting.length >= TOGETHER) flush();
  }
  flush();
  const after = JSON.stringify(rest()).slice(1);
  put(after === "}" ? "]}" : `],${after}`);
  return bytes.subarray(0, length);
}
