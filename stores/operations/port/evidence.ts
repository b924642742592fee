/** Evidence files and the seals of the order chains. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface EvidenceTables {}
