const NOTHING = Buffer.alloc(0);
const LEAST_ROOM = 4_096;

/**
 * The bytes of an answer, laid into one buffer as they come: what they take is bounded by their number, however many pieces
 * they come in. A buffer for each piece would take some 200 bytes of memory for one of a byte.
 */
export class Gathered {
  /** How many pieces came. */
  pieces = 0;
  length = 0;
  #room: Buffer = NOTHING;

  /** All that came so far. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.length);
  }

  /** Takes a piece, which its giver touches no more. */
  add(piece: Buffer): void {
    this.pieces++;
    const length = this.length + piece.length;
    // Most answers are one piece, which is not copied.
    if (this.length === 0) this.#room = piece;
    else {
      if (length > this.#room.length) {
        const room = Buffer.allocUnsafe(Math.max(2 * length, LEAST_ROOM));
        this.#room.copy(room, 0, 0, this.length);
        this.#room = room;
      }
      piece.copy(this.#room, this.length);
    }
    this.length = length;
  }
}
