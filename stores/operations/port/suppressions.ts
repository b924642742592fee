/** What keeps incidents from becoming orders: maintenance, planned work, shelving. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface SuppressionTables {}
