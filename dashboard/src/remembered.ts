/** Reads a choice that this browser keeps; undefined when there is none, or where storage is forbidden. */
export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(`hashwatt.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice for the next visit; where storage is forbidden it lasts until the page is closed. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`hashwatt.${name}`, value);
  } catch {
    // Private windows and strict policies forbid storage; the choice then holds for this page.
  }
}
