/** Where devices are, and whom they belong to. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface SiteTables {}
