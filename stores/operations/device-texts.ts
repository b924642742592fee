import { sql } from 'drizzle-orm'
import { devices } from './schema.ts'

/** Where a text that somebody looks for may stand. */
export const deviceTexts = [devices.id, devices.name, sql`${devices.facts} ->> 'registrationCode'`]
