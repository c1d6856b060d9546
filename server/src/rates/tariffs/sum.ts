/** A sum of many parts that loses nothing of the small ones (Neumaier's way: what rounding takes away is added up apart). */
export class Sum {
  #sum = 0;
  #lost = 0;

  add(part: number): void {
    const sum = this.#sum + part;
    this.#lost += Math.abs(this.#sum) >= Math.abs(part) ? this.#sum - sum + part : part - sum + this.#sum;
    this.#sum = sum;
  }

  get value(): number {
    return this.#sum + this.#lost;
  }
}
