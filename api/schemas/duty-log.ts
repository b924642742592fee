import { z } from 'zod'
import { dutyEntryTypes } from '../../core/duty-log.ts'
import { Identifier } from '../../core/identifier.ts'
import { Instant, InstantQuery, Name, Note, notYet, pageShape } from './shared.ts'

const PersonName = Name.describe("The person's own name: one account may be a whole shift's")

export const NewDutyEntry = z
  .strictObject({
    type: z.enum(dutyEntryTypes).describe('A `handover` is shown to the next shift until somebody takes it over'),
    text: Note,
    name: PersonName,
    siteId: Identifier.optional().describe('What it is about; whoever answers for one place only may leave it out'),
  })
  .meta({ id: 'NewDutyEntry' })

export const DutyEntry = z
  .object({
    id: z.string(),
    at: Instant,
    type: z.enum(dutyEntryTypes),
    siteId: z.string().nullable().describe('With all that is in it; null = everything there is'),
    text: z.string(),
    name: z.string(),
    writtenBy: z.string().describe('The account'),
    takenOverAt: notYet,
    takenOverName: z.string().nullable(),
    takenOverBy: z.string().nullable(),
  })
  .meta({ id: 'DutyEntry' })

export const TakeOver = z.strictObject({ name: PersonName }).meta({ id: 'TakeOver' })

const period = {
  from: InstantQuery.optional().describe('Inclusive'),
  to: InstantQuery.optional().describe('Exclusive'),
}

export const DutyLogQuery = z.strictObject({
  waiting: z.stringbool().optional().describe('Only handovers that nobody has taken over'),
  ...period,
  ...pageShape,
})

export const DutyLogExportQuery = z.strictObject(period)
