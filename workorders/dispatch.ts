/* The right person: who goes, and who is told. */
export { type Assignment, chooseCrew, type DispatchedOrder, kindOfOrder } from './choose-crew.ts'
export { recipientsOf } from './recipients.ts'
