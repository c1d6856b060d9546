export interface LockedPackage {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  link?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
}
export interface Lock {
  packages: Record<string, LockedPackage>;
}
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean;
export function breachesOf(lock: Lock): string[];
export function listOf(lock: Lock): string;
