import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Inspection, InspectionPhoto, ItemFinding, Remedy, ScoreSheet, Started } from '../../core/inspection.ts'
import { addDays, localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import { NoPicture } from '../../core/no-picture.ts'
import type { Sight } from '../../core/sight.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { Faulty } from './faulty.ts'
import { type InspectionsImported, importInspections, type PastInspections, type ReadRows } from './import.ts'
import { plan, record } from './record.ts'
import { faultsOf, missingOf, scoreOf } from './score.ts'
import { mustHaveSheet, sheetHash, sheetOf } from './sheets.ts'

export interface InspectionRequest {
  readonly deviceId: string
  readonly kind: 'quarterly' | 'unannounced'
  /** By the end of this local date. */
  readonly dueOn: string
  readonly sheetId: string
}

export interface WantedRemedy {
  /** An item with a defect. */
  readonly item: string
  readonly dueOn: string
}

export interface Finish {
  readonly remedies: readonly WantedRemedy[]
  /** When the remedies are looked at; a week after the last of them, unless said. Null = not at all. */
  readonly recheckOn?: string | null | undefined
  readonly note?: string | null | undefined
}

/** Opens an order for whoever maintains the elevator, in the transaction of the inspection. */
export type OpenRemedy = (
  unit: Operations,
  remedy: { readonly deviceId: string; readonly summary: string; readonly dueAt: number; readonly actor: string },
  now: number,
) => Promise<{ readonly id: string }>

/** What the insurer's inspectors do at an elevator. Each step is one transaction with its event in the chain of the inspection. */
export interface Inspections {
  /** Whose it is follows from who insures the elevator; an insurer plans its own alone. @throws {ExpectedError} `invalid`, `not-found` */
  plan(request: InspectionRequest, by: { readonly actor: string; readonly sight: Sight }): Promise<Inspection>
  /** From here on its maintainer sees it, and its sheet stays the one that it is now. @throws {ExpectedError} `not-found`, `order-state` */
  start(id: string, inspector: string, actor: string): Promise<Inspection>
  /** What was said last of an item holds. @throws {ExpectedError} `not-found`, `order-state`, `invalid` */
  score(id: string, findings: readonly ItemFinding[], actor: string): Promise<Inspection>
  /** @throws {ExpectedError} `not-found`, `order-state`, `invalid` when it is no picture, or the sheet has no such item */
  addPhoto(
    id: string,
    content: Uint8Array,
    of: { item: string | null; name: string },
    actor: string,
  ): Promise<InspectionPhoto>
  /** Opens an order for each remedy, and plans the re-check. @throws {ExpectedError} `order-state`, naming what is still missing; `invalid` */
  finish(id: string, finish: Finish, actor: string): Promise<Inspection>
  /** @throws {ExpectedError} `not-found`, `order-state` */
  giveUp(id: string, reason: string, actor: string): Promise<Inspection>
  /** All of a file or, when a line is wrong, nothing of it. @throws {ExpectedError} `invalid` when it is no CSV at all */
  import(past: PastInspections): Promise<InspectionsImported>
}

export const photosPerInspection = 100
const recheckAfterDays = 7

export function createInspections(options: {
  operations: Operations
  files: EvidenceStore
  clock: Clock
  openRemedy: OpenRemedy
  /** What kind of picture the bytes are; undefined = none. */
  mediaTypeOf: (content: Uint8Array) => string | undefined
  readRows: ReadRows
}): Inspections {
  const { operations, files, clock, openRemedy, mediaTypeOf, readRows } = options

  /** @param allowed the states from which it goes on */
  function change(
    id: string,
    allowed: readonly Inspection['state'][],
    work: (unit: Operations, inspection: Inspection, now: number) => Promise<Inspection>,
  ): Promise<Inspection> {
    return operations.transaction(async (unit) => {
      const inspection = await unit.lockInspection(id)
      if (inspection === undefined) throw new ExpectedError('not-found', `There is no inspection ${id}`)
      if (!allowed.includes(inspection.state)) {
        throw new ExpectedError('order-state', `The inspection is ${inspection.state}`)
      }
      return work(unit, inspection, clock())
    })
  }

  return {
    plan: ({ deviceId, kind, dueOn, sheetId }, { actor, sight }) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const device = await unit.device(deviceId)
        if (device === undefined) throw new ExpectedError('invalid', `deviceId: there is no device ${deviceId}`)
        if (device.kind !== 'elevator') throw new ExpectedError('invalid', `deviceId: ${deviceId} is no elevator`)
        if (dueOn < localDate(now, shanghai)) throw new ExpectedError('invalid', 'dueOn: lies in the past')
        await mustHaveSheet(unit, sheetId)
        const insurerId = await unit.deviceParty(deviceId, 'insurer', now)
        const isOwn = sight === 'everything' || sight.sites.length > 0 || sight.insurers.includes(insurerId ?? '')
        if (!isOwn) throw new ExpectedError('invalid', `deviceId: there is no device ${deviceId}`)
        const wanted = { id: randomUUID(), deviceId, kind, dueOn, insurerId, sheetId }
        const [planned] = await plan(unit, [wanted], { at: now, actor })
        if (planned === undefined) throw new Error('an inspection without a period is always new')
        const data = { deviceId, kind, dueOn, insurerId }
        await unit.insertAudit({ at: now, actor, action: 'inspection-planned', subject: planned.id, data })
        return planned
      }),

    start: (id, inspector, actor) =>
      change(id, ['planned'], async (unit, inspection, now) => {
        const { deviceId, insurerId, sheetId, sheetVersion } = inspection
        if (insurerId !== null && insurerId !== (await unit.deviceParty(deviceId, 'insurer', now))) {
          throw new ExpectedError('order-state', `${deviceId} is not insured by ${insurerId} any more: give it up`)
        }
        const sheet = await sheetOf(unit, sheetId ?? '', sheetVersion ?? undefined)
        const maintainerId = await unit.deviceParty(deviceId, 'maintainer', now)
        const frozen = { id: sheet.id, version: sheet.version, sha256: sheetHash(sheet) }
        const data = { inspector, maintainerId, sheet: frozen } satisfies Started
        return record(unit, inspection, { at: now, type: 'started', actor, data })
      }),

    score: (id, findings, actor) =>
      change(id, ['started'], async (unit, inspection, now) => {
        const faults = faultsOf(await sheetFor(unit, inspection), findings)
        if (faults.length > 0) throw new Faulty(faults)
        return record(unit, inspection, { at: now, type: 'scored', actor, data: { findings } })
      }),

    async addPhoto(id, content, { item, name }, actor) {
      const mediaType = mediaTypeOf(content)
      if (mediaType === undefined) throw new NoPicture()
      const sha256 = createHash('sha256').update(content).digest('hex')
      let kept = false
      const check = (unit: Operations, inspection: Inspection, now: number) =>
        addPicture(unit, inspection, { item, name, sha256, mediaType, bytes: content.byteLength }, kept, { actor, now })
      // looked at before anything is written to the disk, and again when it is there
      await change(id, ['started'], check)
      await files.put(content)
      kept = true
      const { photos } = await change(id, ['started'], check)
      return (
        photos.find((photo) => photo.sha256 === sha256 && photo.item === item) ?? fail('the picture was just added')
      )
    },

    finish: (id, { remedies: wanted, recheckOn, note = null }, actor) =>
      change(id, ['started'], async (unit, inspection, now) => {
        const sheet = await sheetFor(unit, inspection)
        const missing = missingOf(sheet, inspection)
        if (missing.length > 0) throw new Faulty(missing, 'order-state')
        const faults = [
          ...faultsOfRemedies(inspection, wanted, localDate(now, shanghai)),
          ...missingRemedies(sheet, inspection, wanted),
        ]
        if (faults.length > 0) throw new Faulty(faults)

        const remedies: Remedy[] = []
        for (const { item, dueOn } of wanted) {
          const summary = summaryOf(sheet, inspection, item)
          const dueAt = startOfDate(addDays(dueOn, 1), shanghai)
          const { id: orderId } = await openRemedy(unit, { deviceId: inspection.deviceId, summary, dueAt, actor }, now)
          remedies.push({ item, orderId, dueOn })
        }
        const data = { ...scoreOf(sheet, inspection.findings), remedies, note }
        const done = await record(unit, inspection, { at: now, type: 'done', actor, data })
        await unit.insertAudit({ at: now, actor, action: 'inspection-done', subject: id, data })
        const last = remedies
          .map(({ dueOn }) => dueOn)
          .toSorted()
          .at(-1)
        if (last !== undefined && recheckOn !== null) {
          await plan(unit, [recheckOf(done, recheckOn ?? addDays(last, recheckAfterDays))], { at: now, actor })
        }
        return done
      }),

    giveUp: (id, reason, actor) =>
      change(id, ['planned', 'started'], async (unit, inspection, now) =>
        record(unit, inspection, { at: now, type: 'not-possible', actor, data: { reason } }),
      ),

    import: (past) => operations.transaction((unit) => importInspections(unit, past, readRows, clock())),
  }
}

/** What is looked at: of a re-check, the items whose remedies it is about. */
export async function sheetFor(unit: Operations, inspection: Inspection): Promise<ScoreSheet> {
  const { sheetId, sheetVersion, recheckOf: firstId } = inspection
  const sheet = await sheetOf(unit, sheetId ?? '', sheetVersion ?? undefined)
  const first = firstId === null ? undefined : await unit.inspection(firstId)
  if (first === undefined) return sheet
  const remedied = new Set(first.remedies.map(({ item }) => item))
  return { ...sheet, items: sheet.items.filter(({ id }) => remedied.has(id)) }
}

async function addPicture(
  unit: Operations,
  inspection: Inspection,
  photo: InspectionPhoto,
  kept: boolean,
  { actor, now }: { actor: string; now: number },
): Promise<Inspection> {
  const { photos } = inspection
  if (photo.item !== null && !(await sheetFor(unit, inspection)).items.some(({ id }) => id === photo.item)) {
    throw new ExpectedError('invalid', `item: the sheet has no item ${photo.item}`)
  }
  if (photos.some(({ sha256, item }) => sha256 === photo.sha256 && item === photo.item)) return inspection
  if (photos.length >= photosPerInspection) {
    throw new ExpectedError('invalid', `An inspection keeps at most ${photosPerInspection} pictures`)
  }
  if (!kept) return inspection
  const { sha256, mediaType, bytes } = photo
  await unit.insertEvidenceFile({ sha256, mediaType, bytes, createdAt: now })
  return record(unit, inspection, { at: now, type: 'photo-added', actor, data: { ...photo } })
}

function faultsOfRemedies({ findings }: Inspection, wanted: readonly WantedRemedy[], today: string) {
  return wanted.flatMap(({ item, dueOn }, index) => {
    const path = `remedies.${index}`
    const isDefect = findings.some((finding) => finding.item === item && finding.result === 'defect')
    const isTwice = wanted.findIndex((other) => other.item === item) < index
    return [
      ...(isDefect ? [] : [{ path: `${path}.item`, message: `no defect was found of ${item}` }]),
      ...(isTwice ? [{ path: `${path}.item`, message: 'stands twice' }] : []),
      ...(dueOn < today ? [{ path: `${path}.dueOn`, message: 'lies in the past' }] : []),
    ]
  })
}

/** A critical defect must not stay without an order. */
function missingRemedies({ items }: ScoreSheet, { findings }: Inspection, wanted: readonly WantedRemedy[]) {
  const defects = findings.filter(({ result }) => result === 'defect').map(({ item }) => item)
  return items
    .filter(({ id, critical }) => critical && defects.includes(id) && !wanted.some(({ item }) => item === id))
    .map(({ id }) => ({ path: 'remedies', message: `${id} has a critical defect: say by when it is mended` }))
}

/** What a crew reads: the item in both languages, for an order has one text for all, and the inspector's own words. */
function summaryOf({ items }: ScoreSheet, { findings }: Inspection, item: string): string {
  const name = items.find(({ id }) => id === item)?.name
  const note = findings.find((finding) => finding.item === item)?.note
  return `${name?.['zh-CN'] ?? item} / ${name?.en ?? item}: ${note ?? ''}`
}

function recheckOf({ id, deviceId, insurerId, sheetId, sheetVersion }: Inspection, dueOn: string) {
  return {
    id: randomUUID(),
    deviceId,
    kind: 're-check' as const,
    dueOn,
    insurerId,
    sheetId,
    sheetVersion,
    recheckOf: id,
  }
}

function fail(message: string): never {
  throw new Error(message)
}
