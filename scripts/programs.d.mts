export interface Program {
  name: string;
  package: string;
  env: string;
  commands: string[];
  suites: string;
}
export const PROGRAMS: Program[];
export function findProgram(name: string): string | undefined;
export function missingPrograms(): Program[];
