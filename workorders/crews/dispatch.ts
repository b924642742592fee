/* The right person: who goes, and who is told. */

export { recipientsOf } from '../notices/recipients.ts'
export { type Assignment, chooseCrew, type DispatchedOrder, kindOfOrder } from './choose-crew.ts'
