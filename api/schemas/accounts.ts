import { z } from 'zod'
import { accountIdPattern, roles, siteRoles, teamRoles } from '../../core/account.ts'
import { Identifier } from '../../core/identifier.ts'
import { Instant, Locale, Name, notYet, pageShape, shownOnce } from './shared.ts'

const AccountId = z.string().regex(accountIdPattern, 'must be 1 to 64 of the characters a-z 0-9 _ -')
/** Whatever somebody types: what is no name or no password is as wrong as one that is not theirs. */
const Typed = z.string().max(1_000)
const KeyId = z.string().regex(/^[\w-]{22}$/)

const Sites = z.array(Identifier).max(200).readonly()

export const Membership = z
  .discriminatedUnion('role', [
    z.strictObject({
      role: z.enum(siteRoles),
      scope: z.strictObject({
        sites: Sites.describe('Sites of any type, with all that is in them; none = everywhere'),
      }),
    }),
    z.strictObject({
      role: z.enum(teamRoles),
      scope: z.strictObject({ teamId: Identifier.describe('The crew, or the company that maintains or insures') }),
    }),
  ])
  .meta({ id: 'Membership' })

const Memberships = z.array(Membership).min(1).max(50).readonly()

const Email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email().max(254))
  .nullable()
  .describe('By it they are known when they first sign in at the OpenID Connect provider')
const Identity = z
  .strictObject({
    issuer: z.url().max(500).describe("The provider's `OIDC_ISSUER`"),
    subject: z.string().min(1).max(255).describe('`sub`: who they are there'),
  })
  .nullable()
  .describe('Who they are at the provider; learned when they first come by their e-mail')

export const NewAccount = z
  .strictObject({
    id: AccountId.describe('What they sign in with; it is never given to anyone else'),
    name: Name,
    locale: Locale.optional(),
    memberships: Memberships,
    email: Email.optional(),
    identity: Identity.optional(),
  })
  .meta({ id: 'NewAccount' })

export const AccountUpdate = z
  .strictObject({
    ...{ name: Name.optional(), locale: Locale.optional(), memberships: Memberships.optional() },
    ...{ email: Email.optional(), identity: Identity.optional() },
  })
  .meta({ id: 'AccountUpdate' })

export const Account = z
  .object({
    id: AccountId,
    name: z.string(),
    locale: Locale,
    memberships: z.array(Membership).readonly(),
    email: z.string().nullable(),
    identity: Identity,
    createdAt: Instant,
    passwordSetAt: notYet.describe('Null = not yet: nobody can sign in by a password'),
    removedAt: notYet,
  })
  .meta({ id: 'Account' })

export const AccountsQuery = z.strictObject(pageShape)
export const AccountParams = z.object({ id: AccountId })
export const AccountKeyParams = z.object({ id: AccountId, keyId: KeyId })
export const KeyParams = z.object({ keyId: KeyId })

export const Invitation = z
  .object({
    url: shownOnce('Good once, for whoever has it: send it to nobody else'),
    purpose: z.enum(['invitation', 'reset']),
    expiresAt: Instant,
  })
  .meta({ id: 'Invitation' })

export const SignInBody = z.strictObject({ id: Typed, password: Typed }).meta({ id: 'SignIn' })
export const PasswordChange = z.strictObject({ current: Typed, password: Typed }).meta({ id: 'PasswordChange' })

export const SignInWays = z
  .object({
    provider: z
      .object({
        url: z.string().describe('Where a browser goes to sign in there; `next` is the page that it gets then'),
      })
      .nullable()
      .describe('The OpenID Connect provider; null = there is none'),
  })
  .meta({ id: 'SignInWays' })

export const Me = z
  .object({
    accountId: z.string().nullable().describe("Null = the operator's token"),
    name: z.string(),
    memberships: z.array(Membership).readonly(),
    roles: z.array(z.enum(roles)).readonly(),
  })
  .meta({ id: 'Me' })

export const Session = z
  .object({
    id: z.string(),
    address: z.string(),
    userAgent: z.string().nullable(),
    createdAt: Instant,
    usedAt: Instant.describe('To the minute'),
    isThis: z.boolean().describe('The one that asks'),
  })
  .meta({ id: 'Session' })

export const NewApiToken = z
  .strictObject({
    name: Name.describe('What it is for'),
    expiresAt: Instant.describe('At most a year ahead'),
    memberships: Memberships.optional().describe("Of the account's own; all of them when absent"),
  })
  .meta({ id: 'NewApiToken' })

export const ApiToken = z
  .object({
    id: z.string(),
    name: z.string(),
    memberships: z.array(Membership).readonly(),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: Instant,
    usedAt: notYet.describe('To the minute'),
  })
  .meta({ id: 'ApiToken' })

export const ApiTokenShown = ApiToken.extend({ secret: shownOnce('Shown now and never again') }).meta({
  id: 'ApiTokenShown',
})
