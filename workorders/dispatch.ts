/* The right person: who goes, and who is told. */
export { type Assignment, chooseCrew, type DispatchedOrder } from './choose-crew.ts'
export { recipientsOf } from './recipients.ts'
