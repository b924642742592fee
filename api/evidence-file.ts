import type { FastifyReply } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { EvidenceFile, Operations } from '../stores/operations/port.ts'
import { faultOfFile } from '../workorders/evidence/evidence-file.ts'

/** What answering evidence takes. */
export interface EvidenceMeans {
  readonly operations: Pick<Operations, 'audit' | 'insertAudit'>
  readonly evidence: EvidenceStore
  readonly clock: Clock
  readonly log: Log
}

/**
 * Answers an evidence file, as it was frozen.
 * @throws {ExpectedError} `not-found`; `evidence-damaged` when the file is gone or no longer what its name says
 */
export async function sendEvidence(
  reply: FastifyReply,
  file: EvidenceFile | undefined,
  means: EvidenceMeans,
): Promise<FastifyReply> {
  if (file === undefined) throw new ExpectedError('not-found', 'There is no such evidence')
  const content = await means.evidence.get(file.sha256)
  const fault = faultOfFile(content, file)
  if (fault !== undefined || content === undefined) {
    await sayOnce(means, file.sha256, fault ?? '')
    throw new ExpectedError('evidence-damaged', `${fault}; "liftwatt verify" says what else is not as it was written`)
  }
  const extension = file.mediaType.split('/')[1] ?? 'bin'
  return reply
    .type(file.mediaType)
    .header('content-disposition', `attachment; filename="${file.sha256.slice(0, 16)}.${extension}"`)
    .serializer((bytes: unknown) => bytes as string)
    .send(Buffer.from(content))
}

/** However often it is asked for: an operator finds it in the log and in the audit. */
async function sayOnce({ operations, clock, log }: EvidenceMeans, subject: string, fault: string): Promise<void> {
  const action = 'evidence-damaged'
  if ((await operations.audit({ action, subject, limit: 1 })).items.length > 0) return
  log.error({ sha256: subject, fault }, 'evidence is damaged')
  await operations.insertAudit({ at: clock(), actor: 'liftwatt', action, subject, data: { fault } })
}
