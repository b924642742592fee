import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayMs } from '../core/clock.ts'
import { isErrno } from '../core/errors.ts'
import type { WorkOrder } from '../core/incident.ts'
import type { Party } from '../core/plan.ts'
import type { LinkAction } from '../core/words.ts'

/** A link is void then, whatever happened. */
const linkLivesMs = 7 * dayMs
/** and so long after its order's end. */
const livesAfterEndMs = dayMs

const linkScopes = ['watch', 'crew', 'contact', 'duty-room'] as const
/** What the link may be used for: each party has its own buttons. */
export type LinkScope = (typeof linkScopes)[number]

export const linkActionsOf: Readonly<Record<LinkScope, readonly LinkAction[]>> = {
  watch: [],
  crew: ['accept', 'arrive', 'restore', 'tell-passenger'],
  contact: ['dealt-with'],
  'duty-room': ['tell-passenger', 'dealt-with'],
}

export function linkScopeOf(party: Party): LinkScope {
  if (party === 'crew' || party === 'next-crew' || party === 'maintainer') return 'crew'
  if (party === 'property' || party === 'tenant') return 'contact'
  return party === 'duty-room' ? 'duty-room' : 'watch'
}

/** What a link says, and nobody but us can have written. */
export interface LinkClaim {
  readonly orderId: string
  readonly scope: LinkScope
  /** Whom it was sent to: what is done behind it is theirs. */
  readonly name: string
  /** Their team: a crew's link only watches once the order is with another one. Null = they have none. */
  readonly teamId: string | null
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface OrderLinks {
  /** Null when nobody said under which address people reach this service. */
  linkTo(claim: Omit<LinkClaim, 'expiresAt'>, sentAt: number): string | null
  /** The token of such a link. */
  sign(claim: LinkClaim): string
  /** Undefined when it is not ours, or over. */
  read(token: string, now: number): LinkClaim | undefined
}

const version = 2
const macBytes = 32
const maxNameBytes = 60
/** version, scope, expiry (s), order id, length of the team's id that follows */
const headBytes = 1 + 1 + 4 + 16 + 1

/** @param options.key 32 bytes, see `loadLinkKey` */
export function createOrderLinks(options: { key: Uint8Array; publicUrl: string | undefined }): OrderLinks {
  const mac = (body: Uint8Array) => createHmac('sha256', options.key).update(body).digest()

  function sign(claim: LinkClaim): string {
    const body = bytesOf(claim)
    return Buffer.concat([body, mac(body)]).toString('base64url')
  }
  return {
    sign,
    linkTo(claim, sentAt) {
      if (options.publicUrl === undefined) return null
      const token = sign({ ...claim, expiresAt: sentAt + linkLivesMs })
      return `${options.publicUrl.replace(/\/+$/, '')}/o/${token}`
    },
    read(token, now) {
      if (!/^[\w-]{70,300}$/.test(token)) return undefined
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.toString('base64url') !== token || bytes.length < headBytes + macBytes) return undefined
      const body = bytes.subarray(0, -macBytes)
      if (!timingSafeEqual(mac(body), bytes.subarray(-macBytes))) return undefined
      const claim = claimOf(body)
      return claim !== undefined && claim.expiresAt > now ? claim : undefined
    },
  }
}

/** Whether the order of a link is over for so long that the link is, too. */
export function isLongOver({ closedAt, cancelledAt }: WorkOrder, now: number): boolean {
  const endedAt = closedAt ?? cancelledAt
  return endedAt !== null && now >= endedAt + livesAfterEndMs
}

function bytesOf({ orderId, scope, name, teamId, expiresAt }: LinkClaim): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(version, 0)
  head.writeUInt8(linkScopes.indexOf(scope), 1)
  head.writeUInt32BE(Math.floor(expiresAt / 1_000), 2)
  Buffer.from(orderId.replaceAll('-', ''), 'hex').copy(head, 6)
  const team = Buffer.from(teamId ?? '')
  head.writeUInt8(team.length, headBytes - 1)
  return Buffer.concat([head, team, Buffer.from(cut(name))])
}

function claimOf(body: Buffer): LinkClaim | undefined {
  const scope = linkScopes[body.readUInt8(1)]
  if (body.readUInt8(0) !== version || scope === undefined) return undefined
  const hex = body.toString('hex', 6, headBytes - 1)
  const nameAt = headBytes + body.readUInt8(headBytes - 1)
  const teamId = nameAt === headBytes ? null : body.toString('utf8', headBytes, nameAt)
  const orderId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const name = body.toString('utf8', nameAt)
  return { orderId, scope, teamId, name, expiresAt: body.readUInt32BE(2) * 1_000 }
}

/** Whole characters, as many as fit. */
function cut(name: string): string {
  let kept = ''
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > maxNameBytes) break
    kept += character
  }
  return kept
}

/** The key of all links, made at the first start and readable by us alone. Without it, every link that was sent is void. */
export function loadLinkKey(directory: string): Uint8Array {
  const file = join(directory, 'link-key')
  try {
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if (!isErrno(cause, 'EEXIST')) throw cause
  }
  const key = readFileSync(file)
  if (key.length !== 32)
    throw new Error(`${file} is not a key of 32 bytes; remove it, and every link sent so far is void`)
  return key
}
