import { ROLES, type Role } from "@hashwatt/protocol/http";

export { ROLES, type Role };

/** Whether who has `role` may do what asks for `needed`. */
export const reaches = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
