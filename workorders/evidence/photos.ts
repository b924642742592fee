import { createHash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { NoPicture } from '../../core/no-picture.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { EvidenceFile, EvidenceLink, Operations } from '../../stores/operations/port.ts'
import { recordEvent } from './chain.ts'
import { lockInPlaceOf } from './evidence.ts'

export const maxPhotoBytes = 10 * 1024 * 1024
const photosPerOrder = 50

export interface Photos {
  /**
   * Keeps a picture as evidence of an order; the same picture again changes nothing.
   * @throws {ExpectedError} `not-found`; `invalid` when the bytes are no JPEG, PNG or WebP, or there are too many already
   */
  add(
    orderId: string,
    content: Uint8Array,
    name: string | undefined,
    actor: string,
  ): Promise<EvidenceLink & EvidenceFile>
}

export function createPhotos(options: { operations: Operations; files: EvidenceStore; clock: Clock }): Photos {
  const { operations, files, clock } = options
  return {
    async add(orderId, content, name, actor) {
      const mediaType = sniff(content)
      if (mediaType === undefined) throw new NoPicture()
      const found = await operations.order(orderId)
      if (found === undefined) throw noOrder(orderId)
      // what is put is not taken away again: whoever sends without end must not fill the disk
      const sha256 = createHash('sha256').update(content).digest('hex')
      const before = await picturesOf(operations, found)
      if (!before.some((picture) => picture.sha256 === sha256)) refuseMoreThan(before)
      const kept = await files.put(content)
      return operations.transaction(async (unit) => {
        const order = await lockInPlaceOf(unit, orderId)
        if (order === undefined) throw noOrder(orderId)
        const pictures = await picturesOf(unit, order)
        const same = pictures.find(({ sha256 }) => sha256 === kept.sha256)
        if (same !== undefined) return same
        refuseMoreThan(pictures)
        const now = clock()
        const file = { ...kept, mediaType, createdAt: now }
        const link: EvidenceLink = {
          ...{ incidentId: found.incidentId, orderId: order.id, part: 'photo', sha256: kept.sha256 },
          ...{ name: name ?? `Picture ${pictures.length + 1}`, addedAt: now, addedBy: actor },
        }
        await unit.insertEvidenceFile(file)
        await unit.insertEvidenceLink(link)
        const data = { evidence: 'photo', name: link.name, mediaType, ...kept }
        await recordEvent(unit, order.id, { at: now, type: 'noted', actor, data })
        return { ...file, ...link }
      })
    },
  }
}

async function picturesOf(operations: Pick<Operations, 'evidenceOf'>, { incidentId }: WorkOrder) {
  return (await operations.evidenceOf(incidentId)).filter(({ part }) => part === 'photo')
}

function refuseMoreThan({ length }: readonly EvidenceLink[]): void {
  if (length >= photosPerOrder) throw new ExpectedError('invalid', `An order keeps at most ${photosPerOrder} pictures`)
}

function noOrder(id: string): ExpectedError {
  return new ExpectedError('not-found', `There is no work order ${id}`)
}

/** What the first bytes say, whatever the sender calls it. */
export function sniff(content: Uint8Array): string | undefined {
  const starts = (at: number, ...bytes: number[]) => bytes.every((byte, index) => content[at + index] === byte)
  if (starts(0, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp'
  return undefined
}
