import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { dayMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { InspectionPlan, Sample } from '../../core/inspection.ts'
import { monthOf, nextMonth } from '../../core/kpi.ts'
import { localDate, shanghai } from '../../core/local-time.ts'
import type { Sight } from '../../core/sight.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { lastDayOfMonth, startOfMonth, weekdaysFrom } from './periods.ts'
import { answersFor } from './plans.ts'
import { risksOf } from './quarter.ts'
import { faultOfSecrets, type NewInspection, plan as planInspections } from './record.ts'
import { type AtRisk, type Chosen, drawUnannounced, mostUnannounced, soonest } from './risk.ts'
import { commitmentOf, countOfShare, type Drawn, drawSample, lowest, mixed, populationHash } from './sample.ts'
import { slicesOf } from './slices.ts'

/** A month's seed is committed to so long before it. */
const committedAheadMs = 7 * dayMs
/** After so many are ranked, whatever else the process does gets its turn. */
const rankedAtOnce = 5_000

interface When {
  readonly at: number
  readonly actor: string
}

/**
 * A seed nobody knows and a list of elevators nobody can change any more, for the month that comes. Where the service did not run then, it is
 * done late, and `committedAt` says so; a month that had begun before there was a plan has no sample. Answers how many were new.
 */
export async function commitToSeeds(
  operations: Operations,
  plan: InspectionPlan,
  insured: readonly string[],
  when: When,
): Promise<number> {
  if (insured.length === 0 || plan.monthlyShare + plan.unannouncedPerMonth === 0) return 0
  const present = monthOf(when.at)
  const next = nextMonth(present)
  const isDue = when.at >= startOfMonth(next) - committedAheadMs
  const months = [...(plan.since < startOfMonth(present) ? [present] : []), ...(isDue ? [next] : [])]
  let committed = 0
  for (const month of months) committed += (await commit(operations, plan, month, insured, when)) ? 1 : 0
  return committed
}

function commit(
  operations: Operations,
  { insurerId, monthlyShare, publicSource }: InspectionPlan,
  month: string,
  population: readonly string[],
  { at, actor }: When,
): Promise<boolean> {
  const seed = randomBytes(32).toString('hex')
  const promised = {
    ...{ insurerId, month, count: countOfShare(monthlyShare, population.length) },
    ...{ seedSha256: commitmentOf(seed), populationSha256: populationHash(population) },
    populationSize: population.length,
    publicSource,
  }
  const later = { publicValue: null, drawnAt: null, cutOff: null, revealedAt: null }
  const sample: Sample = { id: randomUUID(), ...promised, seed, population, committedAt: at, ...later }
  return operations.transaction(async (unit) => {
    if (!(await unit.insertSample(sample))) return false
    await write(unit, sample.id, 'committed', promised, { at, actor })
    await unit.insertAudit({ at, actor, action: 'sample-committed', subject: sample.id, data: promised })
    return true
  })
}

/** Whether nothing can be drawn yet: the public value that was promised has not been entered. */
export function isWaiting({ publicSource, publicValue }: Pick<Sample, 'publicSource' | 'publicValue'>): boolean {
  return publicSource !== null && publicValue === null
}

/**
 * Enters the public value that the sample of a month is drawn with; one that was mistyped can be put right until it is drawn.
 * @param when `sight`: all of the insurer's elevators must be in it
 * @throws {ExpectedError} `not-found`; `invalid` where none is mixed in; `already-done` once it is drawn or revealed
 */
export async function enterPublicValue(
  operations: Operations,
  id: string,
  publicValue: string,
  { sight, ...when }: When & { readonly sight: Sight },
): Promise<Sample> {
  return operations.transaction(async (unit) => {
    const sample = await unit.lockSample(id)
    if (sample === undefined || !(await answersFor(unit, sample.insurerId, sight, when.at)))
      throw new ExpectedError('not-found', `There is no sample ${id}`)
    if (sample.publicSource === null) throw new ExpectedError('invalid', 'No public value is mixed into this sample')
    if (sample.publicValue === publicValue) return sample
    if (sample.drawnAt !== null || sample.revealedAt !== null)
      throw new ExpectedError('already-done', `The sample of ${sample.month} is drawn, or its month is over`)
    await unit.updateSample(id, { publicValue })
    await write(unit, id, 'public-value', { publicValue }, when)
    const data = { publicValue, before: sample.publicValue }
    await unit.insertAudit({ ...when, action: 'sample-public-value', subject: id, data })
    return { ...sample, publicValue }
  })
}

/**
 * Draws the month's sample, and whom to come to unannounced. Answers how many inspections were planned: none for a month that is over or
 * waits for its public value, and none of an elevator that is retired or insured by others since.
 * @throws {ExpectedError} `invalid` when seed or elevators are not those that were committed to
 */
export async function drawMonth(operations: Operations, sampleId: string, when: When): Promise<number> {
  const sample = asCommitted(await operations.sample(sampleId), sampleId)
  if (isWaiting(sample)) return 0
  const { insurerId, month, population } = sample
  const insured = new Set(await operations.insuredElevators(insurerId, when.at))
  const isOver = when.at >= startOfMonth(nextMonth(month))
  const left = isOver ? [] : population.filter((id) => insured.has(id))
  const risks = await risksOf(operations, left, when.at)
  const drawn = await drawInTurns(sample)
  const unannouncedSeed = randomBytes(32).toString('hex')
  const chosen = await chooseInTurns({ seed: unannouncedSeed, month }, risks, localDate(when.at + dayMs, shanghai))

  return operations.transaction(async (unit) => {
    const locked = await unit.lockSample(sampleId)
    if (locked === undefined || locked.drawnAt !== null || locked.publicValue !== sample.publicValue) return 0
    const plan = await unit.lockInspectionPlan(insurerId)
    const inService = new Set(left)
    const monthly = drawn.filter(({ id }) => inService.has(id))
    const unannounced = soonest(chosen, plan?.unannouncedPerMonth ?? 0)
    const shared = { insurerId, period: month, sheetId: plan?.sheetId ?? 'elevator' }
    const wanted = [
      ...monthly.map(({ id }) => inspectionOf('monthly', { deviceId: id, dueOn: lastDayOfMonth(month), ...shared })),
      ...unannounced.map(({ deviceId, dueOn, weight, parts }) =>
        inspectionOf('unannounced', { deviceId, dueOn, risk: { weight, parts }, ...shared }),
      ),
    ]
    const planned = await planInspections(unit, wanted, when)
    const cutOff = drawn.at(-1)?.rank ?? null
    await unit.updateSample(sampleId, { drawnAt: when.at, cutOff })
    const data = { cutOff, drawn: drawn.length, drawnSha256: hashOf(drawn), unannouncedSeed }
    await write(unit, sampleId, 'drawn', data, when)
    return planned.length
  })
}

/**
 * Publishes the seed of a month that is over, also of one that waited for its public value in vain: then nobody was drawn. Answers whether
 * it was new.
 * @throws {ExpectedError} `invalid` when it is not the one that was committed to
 */
export async function reveal(operations: Operations, sampleId: string, { at, actor }: When): Promise<boolean> {
  return operations.transaction(async (unit) => {
    const sample = asCommitted(await unit.lockSample(sampleId), sampleId)
    const { drawnAt, revealedAt, seed, seedSha256 } = sample
    if ((drawnAt === null && !isWaiting(sample)) || revealedAt !== null) return false
    await unit.updateSample(sampleId, { revealedAt: at })
    await write(unit, sampleId, 'revealed', { seed, seedSha256 }, { at, actor })
    await unit.insertAudit({ at, actor, action: 'sample-revealed', subject: sampleId, data: { seed, seedSha256 } })
    return true
  })
}

function asCommitted(sample: Sample | undefined, id: string): Sample {
  if (sample === undefined) throw new ExpectedError('not-found', `There is no sample ${id}`)
  const fault = faultOfSecrets(sample)
  if (fault !== undefined)
    throw new ExpectedError('invalid', `The sample ${id} of ${sample.month} is refused: ${fault}`)
  return sample
}

async function drawInTurns({ seed, publicValue, month, population, count }: Sample): Promise<Drawn[]> {
  let drawn: Drawn[] = []
  for (const some of slicesOf(population, rankedAtOnce)) {
    drawn = lowest([...drawn, ...drawSample(mixed(seed, publicValue), month, some, count)], count)
    await turn()
  }
  return drawn
}

/** @param first the first local date on which somebody may come */
async function chooseInTurns(of: { seed: string; month: string }, risks: readonly AtRisk[], first: string) {
  const days = weekdaysFrom(first, of.month)
  let chosen: Chosen[] = []
  for (const some of slicesOf(risks, rankedAtOnce)) {
    chosen = soonest([...chosen, ...drawUnannounced(of, some, mostUnannounced, days)], mostUnannounced)
    await turn()
  }
  return chosen
}

function inspectionOf(kind: 'monthly' | 'unannounced', given: Omit<NewInspection, 'id' | 'kind'>): NewInspection {
  return { id: randomUUID(), kind, ...given }
}

function hashOf(drawn: readonly Drawn[]): string {
  return createHash('sha256')
    .update(drawn.map(({ id }) => `${id}\n`).join(''))
    .digest('hex')
}

function write(unit: Operations, subjectId: string, type: string, data: Readonly<Record<string, unknown>>, when: When) {
  return unit.appendRecordEvents({ subjectType: 'sample', subjectId, type, data, ...when })
}
