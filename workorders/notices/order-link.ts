import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayMs } from '../../core/clock.ts'
import { isErrno } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import type { Party } from '../../core/plan.ts'
import type { LinkAction } from '../../core/words.ts'

/** So long after it was sent, or after the day of planned work, a link is void, whatever happened. */
const linkLivesMs = 7 * dayMs
/** and so long after its order's end. */
const livesAfterEndMs = dayMs

const linkScopes = ['watch', 'crew', 'contact', 'duty-room', 'inspector'] as const
/** What the link may be used for: each party has its own buttons. */
export type LinkScope = (typeof linkScopes)[number]

export const linkActionsOf: Readonly<Record<LinkScope, readonly LinkAction[]>> = {
  watch: [],
  crew: ['accept', 'arrive', 'restore', 'tell-passenger'],
  contact: ['dealt-with'],
  'duty-room': ['acknowledge', 'tell-passenger', 'dealt-with'],
  inspector: ['inspect'],
}

export function linkScopeOf(party: Party): LinkScope {
  if (party === 'crew' || party === 'next-crew' || party === 'maintainer') return 'crew'
  if (party === 'property' || party === 'tenant') return 'contact'
  if (party === 'insurer-inspector') return 'inspector'
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
  /** Which of its members; absent = all of the team share it, or they are no member. */
  readonly memberId?: string
  /** They are called to help those who have the order. */
  readonly isCalled?: true
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface OrderLinks {
  /** Null when nobody said under which address people reach this service. */
  linkTo(claim: Omit<LinkClaim, 'expiresAt'>, from: { sentAt: number; dueAt: number | null }): string | null
  /** The token of such a link. */
  sign(claim: LinkClaim): string
  /** Undefined when it is not ours, or over. */
  read(token: string, now: number): LinkClaim | undefined
}

/** Of a member's own link, or of one for whoever is called to help, is said what the other knows nothing of. */
const [plainVersion, fullVersion] = [2, 3]
const macBytes = 32
const maxNameBytes = 60
/** version, scope, expiry (s), order id, length of the team's id that follows */
const headBytes = 1 + 1 + 4 + 16 + 1
const latestExpirySeconds = 2 ** 32 - 1
/** whether they are called to help, length of the member's id that follows; before the team's id */
const moreBytes = 1 + 1

/** @param options.key 32 bytes, see `loadLinkKey` */
export function createOrderLinks(options: { key: Uint8Array; publicUrl: string | undefined }): OrderLinks {
  const mac = (body: Uint8Array) => createHmac('sha256', options.key).update(body).digest()

  function sign(claim: LinkClaim): string {
    const body = bytesOf(claim)
    return Buffer.concat([body, mac(body)]).toString('base64url')
  }
  return {
    sign,
    linkTo(claim, { sentAt, dueAt }) {
      if (options.publicUrl === undefined) return null
      const token = sign({ ...claim, expiresAt: Math.max(sentAt, dueAt ?? sentAt) + linkLivesMs })
      return `${options.publicUrl.replace(/\/+$/, '')}/o/${token}`
    },
    read(token, now) {
      if (!/^[\w-]{70,400}$/.test(token)) return undefined
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.toString('base64url') !== token || bytes.length < headBytes + macBytes) return undefined
      const body = bytes.subarray(0, -macBytes)
      if (!timingSafeEqual(mac(body), bytes.subarray(-macBytes))) return undefined
      const claim = claimOf(body)
      return claim !== undefined && claim.expiresAt > now ? claim : undefined
    },
  }
}

type WhoseLink = Pick<LinkClaim, 'scope' | 'teamId'>

/** The order went to another crew meanwhile: theirs is the clock, and they stop it. */
export function isAnothers(order: WorkOrder, { scope, teamId }: WhoseLink): boolean {
  return scope === 'crew' && teamId !== null && order.teamId !== null && order.teamId !== teamId
}

/** Whether it is a crew's link, and the order is not with others. */
export function hasIt(order: WorkOrder, link: WhoseLink): boolean {
  return link.scope === 'crew' && !isAnothers(order, link)
}

/** Who goes there, and who sends them, must be able to call whoever waits; nobody else learns who that is. */
export function maySeeCallers(order: WorkOrder, link: WhoseLink): boolean {
  return link.scope === 'duty-room' || hasIt(order, link)
}

/** Whether the order of a link is over for so long that the link is, too. */
export function isLongOver({ closedAt, cancelledAt }: WorkOrder, now: number): boolean {
  const endedAt = closedAt ?? cancelledAt
  return endedAt !== null && now >= endedAt + livesAfterEndMs
}

function bytesOf({ orderId, scope, name, teamId, memberId, isCalled, expiresAt }: LinkClaim): Buffer {
  const isPlain = memberId === undefined && isCalled === undefined
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(isPlain ? plainVersion : fullVersion, 0)
  head.writeUInt8(linkScopes.indexOf(scope), 1)
  head.writeUInt32BE(Math.min(Math.floor(expiresAt / 1_000), latestExpirySeconds), 2)
  Buffer.from(orderId.replaceAll('-', ''), 'hex').copy(head, 6)
  const team = Buffer.from(teamId ?? '')
  head.writeUInt8(team.length, headBytes - 1)
  const member = Buffer.from(memberId ?? '')
  const more = isPlain ? [] : [Buffer.from([isCalled === true ? 1 : 0, member.length]), member]
  return Buffer.concat([head, ...more, team, Buffer.from(cut(name))])
}

function claimOf(body: Buffer): LinkClaim | undefined {
  const version = body.readUInt8(0)
  const scope = linkScopes[body.readUInt8(1)]
  if ((version !== plainVersion && version !== fullVersion) || scope === undefined) return undefined
  const hex = body.toString('hex', 6, headBytes - 1)
  const orderId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const isPlain = version === plainVersion
  const memberAt = headBytes + (isPlain ? 0 : moreBytes)
  const teamAt = memberAt + (isPlain ? 0 : body.readUInt8(memberAt - 1))
  const nameAt = teamAt + body.readUInt8(headBytes - 1)
  return {
    ...{ orderId, scope },
    teamId: nameAt === teamAt ? null : body.toString('utf8', teamAt, nameAt),
    ...(teamAt > memberAt && { memberId: body.toString('utf8', memberAt, teamAt) }),
    ...(!isPlain && body.readUInt8(headBytes) === 1 && { isCalled: true }),
    name: body.toString('utf8', nameAt),
    expiresAt: body.readUInt32BE(2) * 1_000,
  }
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
