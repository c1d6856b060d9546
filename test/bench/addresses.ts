/** `count` addresses of 127/8 that no other fake rig of this project uses, in dense blocks of 250. */
export const loopbackAddresses = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `127.${100 + Math.floor(i / 62_500)}.${Math.floor(i / 250) % 250}.${1 + (i % 250)}`,
  );
