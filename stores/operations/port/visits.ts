/** Maintenance regimes and claimed visits. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface VisitTables {}
