import { z } from 'zod'

/** Ids of gateways and devices: they stand in MQTT topics, URLs and line protocol, so nothing there needs escaping. */
export const identifierPattern = /^[A-Za-z0-9_-]{1,64}$/

export const Identifier = z.string().regex(identifierPattern, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -')

export function isIdentifier(text: string): boolean {
  return identifierPattern.test(text)
}
