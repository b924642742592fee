/** Response plans, and the deadlines of running orders. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface PlanTables {}
