/** Teams, their members, and who is on duty when. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface PeopleTables {}
