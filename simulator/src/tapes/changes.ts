/**
 * Makes a reply of `length` bytes out of the one before it and what changed: from `at` to `end` stand (how many bytes are the
 * same, how many of `before` are left out, how many come instead, these bytes), numbers as LEB128. Undefined for what does not
 * come out at that length.
 */
export function withChanges(
  before: Buffer,
  length: number,
  bytes: Buffer,
  at: number,
  end: number,
): Buffer | undefined {
  const reply = Buffer.allocUnsafeSlow(length);
  let next = at;
  let from = 0;
  let made = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; next < end; scale *= 128) {
      const byte = bytes[next++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.POSITIVE_INFINITY;
  };
  while (next < end) {
    const same = number();
    const left = number();
    const instead = number();
    if (from + same + left > before.length || made + same + instead > length || next + instead > end)
      return undefined;
    before.copy(reply, made, from, from + same);
    bytes.copy(reply, made + same, next, next + instead);
    from += same + left;
    made += same + instead;
    next += instead;
  }
  return made === length ? reply : undefined;
}
