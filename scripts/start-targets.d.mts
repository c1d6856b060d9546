export function isRange(target: string): boolean;
export function targetsProblem(targets: readonly string[]): string | undefined;
