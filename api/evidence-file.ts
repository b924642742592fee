import type { FastifyReply } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { EvidenceFile } from '../stores/operations/port.ts'
import { sha256 } from '../workorders/chain.ts'

/**
 * Answers an evidence file, as it was frozen.
 * @throws {ExpectedError} `not-found`; `unavailable` when it is no longer what its name says
 */
export async function sendEvidence(
  reply: FastifyReply,
  file: EvidenceFile | undefined,
  files: EvidenceStore,
): Promise<FastifyReply> {
  const content = file && (await files.get(file.sha256))
  if (file === undefined || content === undefined) throw new ExpectedError('not-found', 'There is no such evidence')
  if (sha256(content) !== file.sha256) {
    throw new ExpectedError('unavailable', 'The file is no longer what was frozen; "liftwatt verify" says more')
  }
  const extension = file.mediaType.split('/')[1] ?? 'bin'
  return reply
    .type(file.mediaType)
    .header('content-disposition', `attachment; filename="${file.sha256.slice(0, 16)}.${extension}"`)
    .serializer((bytes: unknown) => bytes as string)
    .send(Buffer.from(content))
}
