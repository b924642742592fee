import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { teamTypes } from '../../core/people.ts'
import * as fields from '../../registry/fields.ts'
import { Instant, InstantQuery, Name, Note, notYet, pageShape } from './shared.ts'

const TeamTypeField = z.enum(teamTypes)
const Ids = z.array(Identifier).max(200).readonly()

const teamShape = {
  name: Name,
  areas: Ids.optional().describe('Sites, with all that is in them; none = everywhere'),
  skills: z.array(z.string().max(64)).max(20).readonly().optional().describe('Kinds of devices; none = all'),
  phone: fields.Phone.nullish(),
  addresses: fields.Addresses.readonly().optional().describe("Where the team's notices go, beside its members'"),
}

export const NewTeam = z.strictObject({ id: Identifier, type: TeamTypeField, ...teamShape }).meta({ id: 'NewTeam' })
export const TeamUpdate = z.strictObject({ ...teamShape, name: Name.optional() }).meta({ id: 'TeamUpdate' })

export const Team = z
  .object({
    id: Identifier,
    type: TeamTypeField,
    name: z.string(),
    areas: z.array(z.string()).readonly(),
    skills: z.array(z.string()).readonly(),
    phone: z.string().nullable(),
    addresses: z.array(fields.ChannelAddress).readonly(),
    createdAt: Instant,
    removedAt: notYet,
  })
  .meta({ id: 'Team' })

export const TeamsQuery = z.strictObject({ type: TeamTypeField.optional(), ...pageShape })

const memberShape = {
  name: Name,
  phone: fields.Phone.nullish(),
  locale: z.enum(['zh-CN', 'en']).optional(),
  addresses: fields.Addresses.readonly().optional(),
}

export const NewMember = z
  .strictObject({ id: Identifier, teamId: Identifier, ...memberShape })
  .meta({ id: 'NewMember' })
export const MemberUpdate = z
  .strictObject({ ...memberShape, name: Name.optional(), teamId: Identifier.optional() })
  .meta({ id: 'MemberUpdate' })

export const Member = z
  .object({
    id: Identifier,
    teamId: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    locale: z.enum(['zh-CN', 'en']),
    addresses: z.array(fields.ChannelAddress).readonly(),
    createdAt: Instant,
    removedAt: notYet,
  })
  .meta({ id: 'Member' })

export const MembersQuery = z.strictObject({ teamId: Identifier.optional(), ...pageShape })

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day, such as 20:00')

const Shift = z
  .strictObject({
    days: z.array(z.int().min(1).max(7)).max(7).readonly().describe('1 = Monday; none = on holidays only'),
    from: TimeOfDay,
    until: TimeOfDay.describe('Not after `from` = the next morning; equal = 24 hours'),
    memberIds: Ids,
    validFrom: z.iso.date().nullable().default(null),
    validUntil: z.iso.date().nullable().default(null).describe('The last date on which it begins'),
    holidays: z.boolean().default(true).describe('Also on when its day is a holiday'),
  })
  .meta({ id: 'Shift' })

export const Swap = z
  .strictObject({
    from: Instant,
    until: Instant,
    memberId: Identifier,
    insteadId: Identifier.nullable().default(null).describe('Null = nobody in their place'),
    reason: Note.nullable().default(null),
  })
  .meta({ id: 'Swap' })

const rosterShape = {
  version: z.int().min(0).describe('The version that was read; 0 where there was none'),
  shifts: z.array(Shift).max(100).readonly(),
  swaps: z.array(Swap).max(1_000).readonly().default([]),
  holidays: z.array(z.iso.date()).max(400).readonly().default([]),
}

export const RosterDocument = z.strictObject(rosterShape).meta({ id: 'RosterDocument' })
export const Roster = z
  .object({ teamId: Identifier, timeZone: z.literal('Asia/Shanghai'), ...rosterShape })
  .meta({ id: 'Roster' })

export const OnDutyQuery = z.strictObject({ at: InstantQuery.optional().describe('Now, if it is not said') })

export const OnDuty = z
  .object({
    teamId: z.string(),
    type: TeamTypeField,
    name: z.string(),
    phone: z.string().nullable(),
    at: Instant,
    rostered: z.boolean().describe('False = it has no roster and counts as always on duty, all of it'),
    memberCount: z.number().int().describe('Of the team, on duty or not; 0 = it has nobody, whatever its roster says'),
    until: notYet.describe('When this changes; null = not within 8 days'),
    members: z.array(z.object({ id: z.string(), name: z.string(), phone: z.string().nullable() })).readonly(),
    nextGap: z
      .object({ from: Instant, until: Instant })
      .nullable()
      .describe('The next time within 8 days in which nobody of it is on duty'),
  })
  .meta({ id: 'OnDuty' })
