import { randomUUID } from 'node:crypto'
import { type Clock, dayMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { KeptReport, ReportFile, ReportShare } from '../../core/report.ts'
import { hashSecret, makeSecret } from '../../core/secret.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { Faulty } from '../inspections/faulty.ts'

const longestMs = 366 * dayMs
const mostLiving = 50
const tokenPattern = /^[\w-]{43}$/

/** Links by which people without an account read one report, and nothing else. */
export interface ReportShares {
  /**
   * The token is told now and never again.
   * @throws {ExpectedError} `invalid`; `order-state` when the report is not there yet, or has too many links
   */
  add(
    reportId: string,
    share: { readonly name: string; readonly expiresAt: number },
    actor: string,
  ): Promise<ReportShare & { readonly token: string }>
  /** @throws {ExpectedError} `already-done` */
  revoke(id: string, actor: string): Promise<void>
  /** What is behind a token; undefined when it is none, or over. Counts the use. */
  open(token: string): Promise<{ share: ReportShare; report: KeptReport; files: ReportFile[] } | undefined>
  /** The same of one file, which is written down. @param address whose it was */
  read(token: string, name: string, address: string): Promise<(ReportFile & { content: Uint8Array }) | undefined>
}

export function createReportShares({ operations, clock }: { operations: Operations; clock: Clock }): ReportShares {
  async function behind(token: string): Promise<{ share: ReportShare; report: KeptReport } | undefined> {
    if (!tokenPattern.test(token)) return undefined
    const share = await operations.reportShareOf(hashOf(token))
    if (share === undefined || !isLiving(share, clock())) return undefined
    const report = await operations.report(share.reportId)
    return report === undefined ? undefined : { share, report }
  }

  return {
    add: (reportId, { name, expiresAt }, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        if (expiresAt <= now) throw new Faulty([{ path: 'expiresAt', message: 'is over' }])
        if (expiresAt > now + longestMs) throw new Faulty([{ path: 'expiresAt', message: 'is more than a year ahead' }])
        const report = await unit.report(reportId)
        if (report?.state !== 'done') throw new ExpectedError('order-state', 'The report is not there yet')
        const living = (await unit.reportShares(reportId)).filter((share) => isLiving(share, now))
        if (living.length >= mostLiving) {
          throw new ExpectedError('order-state', `The report has ${living.length} links: revoke one`)
        }
        return addShare(unit, { reportId, name, expiresAt, now, actor })
      }),

    revoke: (id, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const share = await unit.revokeReportShare(id, { revokedAt: now, revokedBy: actor })
        if (share === undefined) throw new ExpectedError('already-done', 'The link is revoked already')
        const entry = { at: now, actor, action: 'report-share-revoked', subject: share.reportId }
        await unit.insertAudit({ ...entry, data: { share: id, name: share.name } })
      }),

    async open(token) {
      const found = await behind(token)
      if (found === undefined) return undefined
      await operations.countShareUse(found.share.id, clock())
      return { ...found, files: await operations.reportFiles(found.report.id) }
    },

    async read(token, name, address) {
      const found = await behind(token)
      const file = found && (await operations.reportFile(found.report.id, name))
      if (found === undefined || file === undefined) return undefined
      const { id, name: to } = found.share
      await operations.transaction(async (unit) => {
        const now = clock()
        await unit.countShareUse(id, now)
        const data = { share: id, name: to, file: name, address }
        await unit.insertAudit({ at: now, actor: 'report link', action: 'report-read', subject: found.report.id, data })
      })
      return file
    },
  }
}

/** In the caller's transaction. */
export async function addShare(
  unit: Operations,
  given: { reportId: string; name: string; expiresAt: number; now: number; actor: string },
): Promise<ReportShare & { readonly token: string }> {
  const { reportId, name, expiresAt, now, actor } = given
  const token = makeSecret()
  const by = { createdAt: now, createdBy: actor, expiresAt }
  const unused = { revokedAt: null, revokedBy: null, uses: 0, lastUsedAt: null }
  const share = { id: randomUUID(), reportId, name, ...by, ...unused }
  await unit.insertReportShare(share, hashOf(token))
  const data = { share: share.id, name, expiresAt }
  await unit.insertAudit({ at: now, actor, action: 'report-shared', subject: reportId, data })
  return { ...share, token }
}

/** Found by it: 256 random bits need no salt. */
function hashOf(token: string): string {
  return hashSecret(token, '').hash
}

function isLiving({ expiresAt, revokedAt }: ReportShare, now: number): boolean {
  return revokedAt === null && expiresAt > now
}
