import type { Clock } from '../../core/clock.ts'
import type { Move } from '../../core/device.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { WrongFields } from '../fields.ts'
import { contactsImporter } from './contacts.ts'
import { contractsImporter } from './contracts.ts'
import { devicesImporter } from './devices.ts'
import { type Importer, type ImportKind, type ImportLine, type ImportPlan, importKinds } from './plan.ts'
import { type CsvFile, readCsv } from './read-csv.ts'
import { sitesImporter } from './sites.ts'

export interface ImportResult {
  readonly kind: ImportKind
  /** Whether it is done; false = a preview, and nothing was written. */
  readonly applied: boolean
  readonly counts: Readonly<Record<ImportLine['action'], number>>
  readonly lines: readonly ImportLine[]
}

/** Sites, devices, contacts and contracts from a CSV file. */
export interface Imports {
  /**
   * What each line would do; writes nothing.
   * @param kind null = what its columns say
   * @throws {ExpectedError} `invalid`: not a CSV file with the columns of this kind
   */
  previewImport(kind: ImportKind | null, content: Uint8Array): Promise<ImportResult>
  /**
   * All of it in one transaction, or nothing.
   * @throws {ExpectedError} `invalid`: as `previewImport`; or (`WrongFields`) lines have faults
   */
  applyImport(kind: ImportKind | null, content: Uint8Array, actor: string): Promise<ImportResult>
}

const importers: Readonly<Record<ImportKind, Importer>> = {
  sites: sitesImporter,
  devices: devicesImporter,
  contacts: contactsImporter,
  contracts: contractsImporter,
}

const mostFaultsTold = 1_000

export function createImports(options: {
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
  /** Devices may have changed. */
  onChange: () => void | Promise<void>
  /** In the transaction of the import. @param now ms since 1970 */
  onMoved: (unit: Operations, move: Move, now: number) => Promise<void>
}): Imports {
  const { operations, kinds, clock, onChange, onMoved } = options

  async function withPlan<T>(
    given: ImportKind | null,
    content: Uint8Array,
    use: (kind: ImportKind, plan: ImportPlan, unit: Operations, at: number) => Promise<T>,
  ): Promise<T> {
    const file = await readCsv(content)
    const kind = given ?? kindOf(file.columns, kinds)
    checkColumns(kind, file, kinds)
    return operations.transaction(async (unit) => {
      const at = clock()
      return use(kind, await importers[kind].plan(file.lines, { unit, kinds, at }), unit, at)
    })
  }

  return {
    previewImport: (given, content) =>
      withPlan(given, content, async (kind, { lines }) => ({ kind, applied: false, counts: counted(lines), lines })),

    async applyImport(given, content, actor) {
      const result = await withPlan(given, content, async (kind, plan, unit, at) => {
        mustBeFaultless(plan.lines)
        await plan.write(actor, at)
        for (const move of kind === 'devices' ? movesIn(plan.lines) : []) await onMoved(unit, move, at)
        const counts = counted(plan.lines)
        await unit.insertAudit({ at, actor, action: 'imported', subject: kind, data: counts })
        return { kind, applied: true, counts, lines: plan.lines }
      })
      if (result.kind !== 'sites') await onChange()
      return result
    },
  }
}

function movesIn(lines: readonly ImportLine[]): Move[] {
  return lines.flatMap(({ id, action, changes }) => {
    const moved = action === 'change' ? changes.find(({ field }) => field === 'siteId') : undefined
    return moved === undefined ? [] : [{ deviceId: id, from: siteOf(moved.from), to: siteOf(moved.to) }]
  })
}

function siteOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** The only kind that has all these columns. */
function kindOf(columns: readonly string[], kinds: readonly DeviceKind[]): ImportKind {
  const fitting = importKinds.filter((kind) => {
    const { columns: columnsOf, needs } = importers[kind]
    const known = columnsOf(kinds)
    return columns.every((column) => known.includes(column)) && needs.every((column) => columns.includes(column))
  })
  const [kind, other] = fitting
  if (kind !== undefined && other === undefined) return kind
  const why = other === undefined ? 'its columns are not those of any kind' : 'its columns fit several kinds'
  throw new ExpectedError('invalid', `Say the kind of the file (${importKinds.join(', ')}): ${why}`)
}

function checkColumns(kind: ImportKind, { columns }: CsvFile, kinds: readonly DeviceKind[]): void {
  const { columns: columnsOf, needs } = importers[kind]
  const known = columnsOf(kinds)
  const unknown = columns.find((column) => !known.includes(column))
  if (unknown !== undefined) {
    throw new ExpectedError(
      'invalid',
      `${kind} have no column "${unknown.slice(0, 100)}"; they have ${known.join(', ')}`,
    )
  }
  const missing = needs.find((column) => !columns.includes(column))
  if (missing !== undefined) throw new ExpectedError('invalid', `A file of ${kind} needs a column "${missing}"`)
}

function counted(lines: readonly ImportLine[]): Record<ImportLine['action'], number> {
  const counts = { create: 0, change: 0, unchanged: 0, error: 0 }
  for (const { action } of lines) counts[action] += 1
  return counts
}

/** @throws {WrongFields} every fault of every line, up to the first thousand */
function mustBeFaultless(lines: readonly ImportLine[]): void {
  const wrong = lines.filter(({ action }) => action === 'error')
  if (wrong.length === 0) return
  const faults = wrong.flatMap(({ line, faults }) =>
    faults.map(({ path, message }) => ({ path: path === '' ? `line ${line}` : `line ${line}.${path}`, message })),
  )
  const left = faults.length > mostFaultsTold ? `; the first ${mostFaultsTold} faults follow` : ''
  throw new WrongFields(
    faults.slice(0, mostFaultsTold),
    `Nothing was imported: ${wrong.length} of ${lines.length} lines have faults${left}`,
  )
}
