/** A seal of the chains as somebody writes it down elsewhere: its number, a colon, and its SHA-256 in hex. */
export const writtenSeal = /^[1-9][0-9]{0,8}:[0-9a-f]{64}$/
