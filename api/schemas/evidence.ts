import { z } from 'zod'
import { writtenSeal } from '../../core/written-seal.ts'
import { evidenceParts } from '../../stores/operations/port.ts'
import { Instant, Name } from './shared.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')

export const EvidenceParams = z.object({ sha256: Sha256 })
export const PhotoQuery = z.strictObject({ name: Name.optional().describe('What it shows') })

export const EvidenceItem = z
  .object({
    incidentId: z
      .uuid()
      .describe('What it was frozen for: the incident of the order, of one that this took over, or one that joined it'),
    part: z.enum(evidenceParts),
    name: z.string(),
    sha256: z.string().describe('Of the bytes: GET /evidence/:sha256'),
    mediaType: z.string(),
    bytes: z.int(),
    addedAt: Instant,
    addedBy: z.string(),
  })
  .meta({ id: 'EvidenceItem' })

export const SealHead = z.object({ number: z.int(), at: Instant, hash: z.string() }).meta({ id: 'SealHead' })

const WrittenSeal = z.string().regex(writtenSeal)
export const VerifyQuery = z.strictObject({
  head: z
    .union([WrittenSeal, z.array(WrittenSeal).max(100)], {
      error: "must be a seal's number, a colon and its hash in hex, such as 12:9f86d081…; 100 times at most",
    })
    .optional()
    .describe(
      'A seal as it was written down elsewhere, `number:hash`; repeat it for several. It must be there unchanged.',
    ),
})

export const Verification = z
  .object({
    ok: z.boolean(),
    orders: z.int(),
    records: z.int().describe('Other things with a chain of their own: inspections, samples, …'),
    events: z.int(),
    seals: z.int(),
    files: z.int(),
    visitsWithoutChain: z
      .int()
      .describe('Visits of an earlier version that get their chains in these minutes: nothing of them is checked'),
    erased: z.int().describe('Events and files from which a person was erased: held against what the erasure says'),
    head: SealHead.nullable(),
    breaks: z
      .array(
        z.object({
          what: z.enum(['event', 'order', 'record', 'seal', 'evidence']),
          id: z.string().describe("The order or other record, the seal's number, or the file's SHA-256"),
          event: z.int().nullable().describe('The first event of its chain that does not fit'),
          text: z.string(),
        }),
      )
      .readonly()
      .describe('The first 100'),
    breaksInAll: z.int(),
  })
  .meta({ id: 'Verification' })
