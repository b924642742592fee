/** Channels, the outbox of notices, and the live stream. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in next
export interface NoticeTables {}
