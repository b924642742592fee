import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Contract, type Covered, contractTypes } from '../../core/contract.ts'
import { groupedBy } from '../../core/grouped.ts'
import { Identifier } from '../../core/identifier.ts'
import { instantOfText, shanghai, startOfDate } from '../../core/local-time.ts'
import type { CoveredBy, Operations } from '../../stores/operations/port.ts'
import { plain } from '../contract-record.ts'
import {
  coveredBy,
  faultsOfContract,
  faultsOfCovered,
  type KnownToContracts,
  lookUp,
  moved,
  noTerms,
  writeContracts,
} from '../contracts.ts'
import { ContractNumber, type Fault, Fen, Line } from '../fields.ts'
import { named } from '../sites.ts'
import {
  changesBetween,
  type FieldChange,
  type Importer,
  type ImportLine,
  mapInTurns,
  type ReadLine,
  readLines,
} from './plan.ts'

/** "2026-05-01" is the beginning of that day in Shanghai; else as in all files of ours. */
const Time = z.string().transform((text, context) => {
  const isDate = z.iso.date().safeParse(text).success
  const at = isDate ? startOfDate(text, shanghai) : instantOfText(text, shanghai)
  if (at !== undefined) return at
  context.addIssue({ code: 'custom', message: 'must be like 2026-05-01, 2026-05-01 00:00 or 2026-04-30T16:00:00Z' })
  return z.NEVER
})

const FenCell = z
  .string()
  .regex(/^\d{1,15}$/, 'must be whole fen, without a point')
  .transform(Number)
  .pipe(Fen)

const ContractRow = z
  .strictObject({
    type: z.enum(contractTypes),
    teamId: Identifier,
    number: ContractNumber,
    holder: Line.nullable(),
    cover: Line.nullable(),
    sumInsuredFen: FenCell.nullable(),
    premiumFen: FenCell.nullable(),
    deductibleFen: FenCell.nullable(),
    validFrom: Time,
    validUntil: Time.nullable(),
    deviceId: Identifier.nullable(),
    deviceFrom: Time.nullable(),
    deviceUntil: Time.nullable(),
  })
  .partial()
  .required({ type: true, teamId: true, number: true })

type ContractRow = z.infer<typeof ContractRow>

export const contractColumns = Object.keys(ContractRow.shape) as readonly (keyof ContractRow)[]
const termFields = [
  ...(['holder', 'cover', 'sumInsuredFen', 'premiumFen', 'deductibleFen', 'validFrom', 'validUntil'] as const),
]

/** A contract with what it covers, as the lines so far leave it. */
interface Planned {
  readonly before: Contract | null
  readonly was: readonly Covered[]
  readonly contract: Contract
  /** By device, and then by when it begins. */
  readonly covered: Map<string, Map<number, Covered>>
  /** The line that says its terms. */
  readonly line: number
  readonly row: ContractRow
}

/** A line is a contract with one device that it covers: the terms stand in each of its lines, and are the same in all of them. */
export const contractsImporter: Importer = {
  columns: () => contractColumns,
  needs: ['type', 'teamId', 'number'],

  async plan(csv, { unit, at }) {
    const read = await readLines(csv, ContractRow)
    const known = await lockKnown(
      unit,
      read.flatMap(({ row }) => row ?? []),
    )
    const planned = new Map<string, Planned>()
    const merged = await mapInTurns(read, (one) => merge(one, planned, known, at))
    const afterwards = asItWillBe(known, [...planned.values()])
    return {
      lines: await mapInTurns(merged, (one) => judged(one, afterwards)),
      async write(actor, writtenAt) {
        const changed = [...planned.values()].map(({ before, was, contract, covered }) => {
          return { before, was, contract, covered: periodsIn(covered) }
        })
        await writeContracts(unit, changed.filter(isChanged), { at: writtenAt, actor })
      },
    }
  },
}

interface Known extends KnownToContracts {
  readonly contracts: ReadonlyMap<string, Contract>
  /** What they cover now, by contract. */
  readonly covered: ReadonlyMap<string, readonly CoveredBy[]>
}

function keyOf({ type, teamId, number }: Pick<Contract, 'type' | 'teamId' | 'number'>): string {
  return JSON.stringify([type, teamId, number])
}

async function lockKnown(unit: Operations, rows: readonly ContractRow[]): Promise<Known> {
  const wanted = new Set(rows.map(keyOf))
  const numbered = await unit.lockContractsNumbered([...new Set(rows.map(({ number }) => number))])
  const found = numbered.filter((contract) => wanted.has(keyOf(contract)))
  const covered = await unit.coverageOfContracts(found.map(({ id }) => id))
  const devices = [...covered, ...rows.flatMap(({ deviceId }) => (deviceId == null ? [] : [{ deviceId }]))]
  await unit.lockDevices([...new Set(devices.map(({ deviceId }) => deviceId))])
  return {
    ...(await lookUp(unit, rows, devices)),
    contracts: new Map(found.map((contract) => [keyOf(contract), contract])),
    covered: groupedBy(covered, ({ contractId }) => contractId),
  }
}

/** A line with the contract that it belongs to and the period that it says, or its faults. */
interface Merged {
  readonly read: ReadLine<ContractRow>
  readonly of?: Planned
  readonly isFirst?: boolean
  readonly period?: { readonly before: Covered | undefined; readonly after: Covered }
  readonly faults: readonly Fault[]
}

function merge(read: ReadLine<ContractRow>, planned: Map<string, Planned>, known: Known, at: number): Merged {
  const { row, line } = read
  if (row === null) return { read, faults: read.faults }
  const first = planned.get(keyOf(row))
  const of = first ?? begun(row, line, known, at)
  if ('faults' in of) return { read, faults: of.faults }
  const { deviceId, deviceFrom, deviceUntil } = row
  const faults = [
    ...(first === undefined ? faultsOfContract(of.contract, known) : otherTerms(row, first)),
    ...(deviceId == null && (deviceFrom ?? deviceUntil) != null
      ? [{ path: 'deviceId', message: 'is needed: the line says when a device is covered, and not which' }]
      : []),
  ]
  planned.set(keyOf(row), of)
  const isFirst = first === undefined
  if (deviceId == null || faults.length > 0) return { read, of, isFirst, faults }
  return { read, of, isFirst, period: cover(of, deviceId, row), faults }
}

function begun(row: ContractRow, line: number, known: Known, at: number): Planned | { faults: Fault[] } {
  const before = known.contracts.get(keyOf(row)) ?? null
  const { type, teamId, number } = row
  const said = named(Object.fromEntries(termFields.map((field) => [field, row[field]]))) as Partial<Contract>
  const { validFrom = before?.validFrom } = said
  if (validFrom === undefined) return { faults: [{ path: 'validFrom', message: 'a new contract needs a validFrom' }] }
  const base = before ?? { ...noTerms, id: randomUUID(), type, teamId, number, createdAt: at }
  const contract: Contract = { ...base, ...said, validFrom }
  const was = (known.covered.get(contract.id) ?? []).map(plain)
  const covered = new Map<string, Map<number, Covered>>()
  for (const one of before === null ? [] : moved(was, before, contract))
    periodsOf(covered, one.deviceId).set(one.validFrom, one)
  return { before, was, contract, covered, line, row }
}

function otherTerms(row: ContractRow, { row: first, line }: Planned): Fault[] {
  return termFields
    .filter((field) => row[field] !== first[field])
    .map((field) => ({ path: field, message: `line ${line} says another ${field} of this contract` }))
}

/** A period of a device is known by when it begins. */
function cover(of: Planned, deviceId: string, { deviceFrom, deviceUntil }: ContractRow) {
  const periods = periodsOf(of.covered, deviceId)
  const before = periods.get(deviceFrom ?? of.contract.validFrom)
  const validUntil = deviceUntil === undefined ? before?.validUntil : (deviceUntil ?? undefined)
  const after = coveredBy(of.contract, { deviceId, validFrom: deviceFrom ?? undefined, validUntil })
  periods.set(after.validFrom, after)
  return { before, after }
}

function periodsOf(covered: Planned['covered'], deviceId: string): Map<number, Covered> {
  const known = covered.get(deviceId) ?? new Map<number, Covered>()
  covered.set(deviceId, known)
  return known
}

function periodsIn(covered: Planned['covered']): Covered[] {
  return [...covered.values()].flatMap((periods) => [...periods.values()])
}

/** What every contract covers when the whole file is in: so a device may go from one to another in it. */
function asItWillBe(known: Known, planned: readonly Planned[]): KnownToContracts {
  const ids = new Set(planned.map(({ contract }) => contract.id))
  const staying = [...known.coverage.values()].flat().filter(({ contractId }) => !ids.has(contractId))
  const coming = planned.flatMap(({ contract: { id: contractId, type, teamId, number }, covered }) =>
    periodsIn(covered).map((one) => ({ ...one, contractId, type, teamId, number })),
  )
  return { ...known, coverage: groupedBy([...staying, ...coming], ({ deviceId }) => deviceId) }
}

function judged(
  { read: { line, id }, of, isFirst, period, faults: sofar }: Merged,
  known: KnownToContracts,
): ImportLine {
  const faults = [...sofar, ...(of && period ? faultsOfPeriod(of, period.after, known) : [])]
  if (faults.length > 0 || of === undefined) return { line, id, action: 'error', changes: [], faults }
  const isNew = (isFirst === true && of.before === null) || (period !== undefined && period.before === undefined)
  const terms = isFirst === true && of.before !== null ? changesBetween(of.before, of.contract) : []
  const changes = isNew ? [] : [...terms, ...changesOfPeriod(period)]
  return { line, id, action: isNew ? 'create' : changes.length > 0 ? 'change' : 'unchanged', changes, faults }
}

function faultsOfPeriod({ contract, covered }: Planned, after: Covered, known: KnownToContracts): Fault[] {
  const others = [...periodsOf(covered, after.deviceId).values()].filter((one) => one !== after)
  const columns: Readonly<Record<string, string>> = { validFrom: 'deviceFrom', validUntil: 'deviceUntil' }
  return faultsOfCovered(contract, after, others, known).map(({ path, message }) => {
    return { path: columns[path] ?? path, message }
  })
}

function changesOfPeriod(period: Merged['period']): FieldChange[] {
  const { before, after } = period ?? {}
  if (before === undefined || after === undefined || before.validUntil === after.validUntil) return []
  return [{ field: 'deviceUntil', from: before.validUntil, to: after.validUntil }]
}

interface Changed {
  readonly before: Contract | null
  readonly contract: Contract
  readonly covered: readonly Covered[]
  readonly was: readonly Covered[]
}

function isChanged({ before, contract, covered, was }: Changed): boolean {
  if (before === null || changesBetween(before, contract).length > 0 || covered.length !== was.length) return true
  const known = new Set(was.map((one) => JSON.stringify(one)))
  return covered.some((one) => !known.has(JSON.stringify(plain(one))))
}

/** In the columns of the import: what is as the contract's own period is not said of a device. */
export function contractCells(contract: Contract, covered: Covered | null) {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { validFrom, validUntil } = contract
  const of = {
    deviceId: covered?.deviceId ?? null,
    deviceFrom: covered === null || covered.validFrom === validFrom ? null : time(covered.validFrom),
    deviceUntil: covered === null || covered.validUntil === validUntil ? null : time(covered.validUntil),
  }
  const row = { ...contract, validFrom: time(validFrom), validUntil: time(validUntil), ...of }
  return contractColumns.map((column) => row[column])
}
