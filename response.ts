import { join } from 'node:path'
import { type IncidentOutcome, recordEpisodes } from './analytics/incidents.ts'
import { releaseSuppressed } from './analytics/release.ts'
import { ruleBehind } from './analytics/rules.ts'
import { createLiveStream } from './api/live-stream.ts'
import { type Clock, dayMs, minuteMs, secondMs } from './core/clock.ts'
import type { EpisodeEvent } from './core/episode.ts'
import { reasonOf } from './core/errors.ts'
import type { Incident, OrderEvent, WorkOrder } from './core/incident.ts'
import type { Log } from './core/log.ts'
import type { NoticeReason } from './core/notice.ts'
import { insurerTypes } from './core/people.ts'
import type { Party } from './core/plan.ts'
import type { Settings } from './core/settings.ts'
import { createDaily } from './daily.ts'
import { kinds } from './devices/index.ts'
import { recordOldOnce, recordVisitsLeft } from './old-records.ts'
import { createEstateIndices } from './quality/estate-index.ts'
import { createInspections, type OpenRemedy } from './quality/inspections/inspections.ts'
import { createInspectionJob } from './quality/inspections/job.ts'
import { createInspectionPlans } from './quality/inspections/plans.ts'
import { createSheets } from './quality/inspections/sheets.ts'
import { createOverhauls } from './quality/overhauls/overhauls.ts'
import { createReports, type ReportOptions } from './quality/reports/reports.ts'
import { createReportSchedules } from './quality/reports/schedules.ts'
import { createReportShares } from './quality/reports/shares.ts'
import { createReview } from './quality/review.ts'
import { createContracts } from './registry/contracts.ts'
import { createErasures } from './registry/erase.ts'
import { createPeople } from './registry/people.ts'
import { evidenceFiles } from './stores/evidence/files.ts'
import type { Operations, OperationsStore } from './stores/operations/port.ts'
import type { ReadingStore } from './stores/readings/port.ts'
import { version } from './version.ts'
import { openChannel } from './workorders/channels/index.ts'
import { toGateways } from './workorders/channels/mqtt/to-gateways.ts'
import { isUntold } from './workorders/crews/crew-told.ts'
import { chooseCrew } from './workorders/crews/dispatch.ts'
import { createRosterGapWatch } from './workorders/crews/roster-gaps.ts'
import { createShiftWatch } from './workorders/crews/shift-change.ts'
import { recordEvent } from './workorders/evidence/chain.ts'
import { createEvidenceWorker, type RuleOf, withEvidenceOf } from './workorders/evidence/evidence.ts'
import { createPhotos, sniff } from './workorders/evidence/photos.ts'
import { sealAll } from './workorders/evidence/seals.ts'
import { gathering } from './workorders/gather/gather.ts'
import { createHeartbeat, type Problem } from './workorders/heartbeat.ts'
import { openByHand } from './workorders/intake/manual.ts'
import { absorbOrder } from './workorders/life/absorb.ts'
import { createWorkOrders } from './workorders/life/act.ts'
import { openOrder, upgradeOrder } from './workorders/life/open.ts'
import { isEnded } from './workorders/life/transitions.ts'
import type { AfterChange } from './workorders/life/write-decision.ts'
import { countsAsDone, dueItems } from './workorders/maintenance/due-dates.ts'
import { createMaintenanceJob } from './workorders/maintenance/job.ts'
import { createMaintenance } from './workorders/maintenance/maintenance.ts'
import { createObjections } from './workorders/maintenance/objections.ts'
import { createChannels } from './workorders/notices/channels.ts'
import { notify, tell, tellEnd, tellFormerCrew } from './workorders/notices/notify.ts'
import { createOrderLinks, loadLinkKey } from './workorders/notices/order-link.ts'
import { createOutbox } from './workorders/notices/outbox.ts'
import type { Sent } from './workorders/notices/send-notice.ts'
import { teamRecipients } from './workorders/notices/team-recipients.ts'
import { rosterGapContent } from './workorders/notices/wording.ts'
import { readPastRecords } from './workorders/past/past-records.ts'
import { createDeadlineAudit } from './workorders/plans/audit-deadlines.ts'
import { createDeadlineWorker, settleDeadlines } from './workorders/plans/deadlines.ts'
import { createEscalate } from './workorders/plans/escalate.ts'
import { createPlans } from './workorders/plans/plans.ts'
import { watchAcceptance, watchOnSite } from './workorders/plans/told-again.ts'

const releaseEveryMs = 5 * secondMs
const sealEveryMs = minuteMs
const shiftsEveryMs = 10 * secondMs
const contractsEveryMs = minuteMs
/** Local time; on whole days a minute more or less does not matter. */
const beforeOffices = '30 5 * * *'
const beforeShifts = '0 6 * * *'
const trimEveryMs = 10 * minuteMs
const streamKeptMs = dayMs
const noticesKeptMs = 400 * dayMs

/** Findings that only the end of their order ends: nothing measures that they are over. */
const endedByPeople = /^(?:manual|maintenance)\//

/**
 * From an incident to a person at the door: everything about orders that goes on by itself. All that it knows is in the
 * database, so it begins wherever the last one was killed.
 */
export async function createResponse(options: {
  operations: OperationsStore
  readings: Pick<ReadingStore, 'between' | 'last'>
  settings: Settings
  directory: string
  /** To a gateway's `commands` topic. @throws {Error} it is not connected */
  publish: (gatewayId: string, payload: string) => Promise<void>
  /** Where it holds up nobody. */
  renderReport: ReportOptions['render']
  figuresCounted?: ReportOptions['figuresCounted']
  clock: Clock
  log: Log
  /** When devices were last heard, ms since 1970; undefined while nobody can say. */
  lastHeard: (deviceIds: readonly string[]) => Promise<ReadonlyMap<string, number> | undefined>
  metrics: { onSent: (sent: Sent) => void; onFired: (lateMs: number) => void }
}) {
  const { operations, readings, settings, directory, publish, lastHeard, renderReport, clock, log, metrics } = options
  await recordOldOnce(operations, clock(), log)

  const files = evidenceFiles(join(directory, 'evidence'))
  const links = createOrderLinks({ key: loadLinkKey(directory), publicUrl: settings.PUBLIC_URL })
  const tools = { publish: toGateways(operations, publish) }
  const outbox = createOutbox({
    operations,
    openChannel: (channel) => openChannel(channel, tools),
    links,
    recordEvent,
    clock,
    log,
    onSent: metrics.onSent,
  })
  const stream = createLiveStream({ operations, log })
  const wake = () => {
    outbox.wake()
    stream.wake()
  }
  const workOrders = wakingAfter(
    createWorkOrders({ operations, clock, endsWithOrder, afterChange: settleAndTell }),
    wake,
  )
  const channels = createChannels({ operations, tools, clock, wake })
  const people = createPeople({ operations, kinds, clock })
  const plans = createPlans({ operations, kinds: kinds.map(({ id }) => id), clock })
  const maintenance = createMaintenance({ operations, readings, clock })
  const photos = createPhotos({ operations, files, clock })
  const objections = createObjections({ operations, readings, files, clock })
  const contracts = createContracts({ operations, clock })
  const overhauls = createOverhauls({ operations, clock })
  const erasures = createErasures({ operations, files, clock })
  const inspections = wakingAfter(
    createInspections({ operations, files, clock, openRemedy, mediaTypeOf: sniff, readRows: readPastRecords }),
    wake,
  )
  const sheets = createSheets({ operations, clock })
  const inspectionPlans = createInspectionPlans({ operations, clock })
  const review = createReview({ operations, rules: { countsAsDone, dueItems }, clock })
  const reports = createReports({
    operations,
    review,
    indices: createEstateIndices({ operations, review, clock }),
    render: renderReport,
    figuresCounted: options.figuresCounted ?? (async () => {}),
    tell,
    wakeOutbox: outbox.wake,
    publicUrl: settings.PUBLIC_URL,
    version,
    clock,
    log,
  })
  const reportShares = createReportShares({ operations, clock })
  const reportSchedules = createReportSchedules({ operations, clock })
  const audit = createDeadlineAudit({ operations, clock, log })
  const heartbeat =
    settings.HEARTBEAT_URL === undefined ? undefined : createHeartbeat({ url: settings.HEARTBEAT_URL, clock, log })
  const deadlines = createDeadlineWorker({
    operations,
    escalate: createEscalate({ notify, chooseCrew, recordEvent }),
    clock,
    log,
    onFired(_deadline, lateMs) {
      metrics.onFired(lateMs)
      wake()
    },
  })
  const evidence = createEvidenceWorker({ operations, readings, files, ruleOf, clock, log })
  const gaps = createRosterGapWatch({
    operations,
    clock,
    log,
    async warn(unit, { key, team, from, until, recipients, now }) {
      const content = rosterGapContent(team.name, from, until)
      await tell(unit, { subject: key, reason: 'roster-gap', recipients, content, now })
    },
  })
  const shifts = createShiftWatch({ operations, recordEvent, clock })
  const upkeep = createDaily({
    at: beforeShifts,
    work: createMaintenanceJob({ operations, maintenance, clock, openOrder }).runOnce,
    ...{ done: 'due maintenance was looked at', failed: 'due maintenance could not be looked at', log },
  })
  const planning = createInspectionJob({
    operations,
    clock,
    log,
    async remind({ insurerId, ...reminder }, now) {
      await operations.transaction(async (unit) => {
        const team = (await unit.workingTeams(insurerTypes)).find(({ id }) => id === insurerId)
        if (team === undefined) return
        const members = await unit.membersOf([team.id])
        const recipients = teamRecipients({ team, members, party: team.type, byShift: false, now })
        await tell(unit, { ...reminder, reason: 'public-value', recipients, now })
      })
      outbox.wake()
    },
  })
  const inspecting = createDaily({
    at: beforeOffices,
    // whose contract has ended is not inspected for it any more
    work: () => contracts.settle().then(planning.runOnce),
    ...{ done: 'inspections were planned', failed: 'inspections could not be planned', log },
  })

  /** One after the other, and never two at a time of the same. */
  function repeat(what: string, everyMs: number, work: () => Promise<unknown>) {
    let running: Promise<unknown> | undefined
    const run = () => {
      running ??= work()
        .catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, `${what}: it comes again`))
        .finally(() => {
          running = undefined
        })
    }
    const timer = setInterval(run, everyMs)
    run()
    return async () => {
      clearInterval(timer)
      await running
    }
  }

  const parts = [outbox, deadlines, audit, evidence, gaps, upkeep, inspecting, reports]
  const undo: (() => Promise<unknown>)[] = []

  return {
    ...{ workOrders, channels, people, plans, maintenance, photos, links, stream, files, audit, heartbeat, wake },
    ...{ objections, contracts, overhauls, erasures },
    ...{ inspections, sheets, inspectionPlans, reports, reportShares, reportSchedules },

    /** @param problem why it is not well, for the heartbeat; null when it is */
    start(problem: Problem) {
      for (const part of parts) {
        part.start()
        undo.push(async () => part.stop())
      }
      const stopping = new AbortController()
      const recording = recordVisitsLeft(operations, clock(), log, stopping.signal).catch((cause: unknown) =>
        log.warn({ reason: reasonOf(cause) }, 'visits of earlier versions have no chains yet: the next start goes on'),
      )
      undo.push(async () => {
        stopping.abort()
        await recording
      })
      erasures
        .removeLeft()
        .catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, 'erased files are still there'))
      const release = () =>
        releaseSuppressed({ operations, now: clock(), onReleased: sendForReleased, lastHeard }).then(wake)
      undo.push(repeat('incidents were not looked at', releaseEveryMs, release))
      undo.push(repeat('parties of contracts were not looked at', contractsEveryMs, () => contracts.settle()))
      const takeOver = () => shifts.runOnce().then((told) => void (told > 0 && wake()))
      undo.push(repeat('who came on duty was not told', shiftsEveryMs, takeOver))
      undo.push(repeat('orders were not sealed', sealEveryMs, () => sealAll(operations, clock)))
      const trim = async () => {
        await operations.trimStream(clock() - streamKeptMs)
        await operations.trimNotices(clock() - noticesKeptMs)
      }
      undo.push(repeat('old notices were not removed', trimEveryMs, trim))
      heartbeat?.start(problem)
      undo.push(async () => heartbeat?.stop())
    },

    async stop() {
      stream.stop()
      await Promise.allSettled(undo.splice(0).map((stop) => stop()))
    },
  }

  async function sendForReleased(unit: Operations, incident: Incident, absorbed: readonly Incident[]): Promise<void> {
    const now = clock()
    await gathering(unit, { at: now }, async (gathered) => {
      // what was suppressed until now is found now, for those who are to be there within 30 minutes
      const order = await upgradeOrder(gathered, incident, now, now)
      await absorbInto(gathered, order ?? (await gathered.orderOfIncident(incident.id)), absorbed, now)
    })
  }
}

/**
 * What episode events do to incidents and orders, in one transaction: all of it or none.
 * @param now ms since 1970, by our clock
 * @returns those that were new; applying an event again changes nothing
 */
export function recordWithOrders(
  operations: Operations,
  events: readonly EpisodeEvent[],
  journalId: string,
  now: number,
): Promise<EpisodeEvent[]> {
  const deviceIds = events.flatMap(({ deviceId }) => deviceId ?? [])
  return operations.transaction((unit) =>
    gathering(unit, { deviceIds, at: now }, (gathered) =>
      recordEpisodes(gathered, events, journalId, now, (ahead, outcome, event) =>
        sendFor(ahead, outcome, event.detectedAt, now),
      ),
    ),
  )
}

/**
 * Orders for what an episode event did to incidents, in its transaction: its own, and that of the outage or storm that it is a
 * part of by now.
 * @param detectedAt of the event, ms since 1970: an upgrade's 30 minutes run from there
 */
export async function sendFor(
  unit: Operations,
  { incident, opened, upgraded, group, absorbed }: IncidentOutcome,
  detectedAt: number,
  now: number,
): Promise<void> {
  await tellWatchers(unit, incident, opened, now)
  if (opened) await openWithAbsorbed(unit, incident, group === undefined ? absorbed : [], now)
  if (upgraded) await upgradeOrder(unit, incident, detectedAt, now)
  if (group === undefined) return
  await tellWatchers(unit, group.incident, group.opened, now)
  if (group.upgraded) await upgradeOrder(unit, group.incident, detectedAt, now)
  if (group.opened) await openWithAbsorbed(unit, group.incident, absorbed, now)
  else if (absorbed.length > 0) await absorbInto(unit, await unit.orderOfIncident(group.incident.id), absorbed, now)
}

function tellWatchers(unit: Operations, { id, finding, severity, state }: Incident, opened: boolean, now: number) {
  const type = opened ? 'incident.opened' : 'incident.changed'
  return unit.insertStreamEvent({ at: now, type, subject: id, data: { finding, severity, state } })
}

/**
 * The order of a larger incident, with those that it takes over: they were found earlier, and so its clock begins with theirs.
 * @param now ms since 1970
 */
async function openWithAbsorbed(
  unit: Operations,
  incident: Incident,
  absorbed: readonly Incident[],
  now: number,
): Promise<void> {
  const detectedAt = Math.min(incident.detectedAt, ...absorbed.map((one) => one.detectedAt))
  const order = await openOrder(unit, { ...incident, detectedAt }, now)
  await absorbInto(unit, order, absorbed, now)
}

/** @param into of the larger incident: its own, or the one that it joined */
async function absorbInto(
  unit: Operations,
  into: WorkOrder | undefined,
  absorbed: readonly Incident[],
  now: number,
): Promise<void> {
  if (into === undefined || absorbed.length === 0) return
  const ids = absorbed.map(({ id }) => id)
  let orderId = into.id
  let ahead = await withEvidenceOf(unit, ids)
  for (const id of ids) {
    // as it is by now: each that it takes over may make it more severe
    const locked = await unit.lockOrder(orderId)
    if (locked === undefined) return
    const goesOn = await absorbOrder(ahead, id, locked, now, settleAndTell)
    // what was frozen for the other is its own now, too
    if (goesOn.id !== orderId) ahead = unit
    orderId = goesOn.id
  }
}

/** What every change of an order brings with it, in its transaction. */
export const settleAndTell: AfterChange = async (unit, order, now, { action, event, before }) => {
  await settleDeadlines(unit, order, now)
  if (isEnded(order) && !isEnded(before)) {
    await unit.voidNotices(order.id)
    if (order.state === 'cancelled' && order.mergedIntoId === null) {
      const parties = await thoseTold(unit, before, underWay(before), now)
      await notify(unit, { order, reason: 'cancelled', parties, now })
      await tellEnd(unit, order, 'cancelled', now)
    }
    if (order.state === 'closed' && isWorkDone(order)) {
      await unit.insertJournalNote({ type: 'work', deviceId: order.deviceId, finding: order.finding })
    }
    if (order.state === 'closed') {
      const back = await thoseTold(unit, before, calledBack(before, event), now)
      const parties: readonly Party[] = [...back, 'insurer-inspector']
      await notify(unit, { order, reason: 'closed', parties, now })
      await tellEnd(unit, order, 'closed', now)
    }
  }
  if (action === 'arrive') await watchOnSite(unit, order, now)
  if (action === 'reassign') {
    await watchAcceptance(unit, order, now)
    await tellWhoSetOut(unit, before, order, now)
    await notify(unit, { order, reason: 'reassigned', parties: ['crew'], now })
  }
  if (action === 'ask-for-help') {
    await tellSaid(unit, order, 'escalated', ['supervisor', 'next-crew', 'duty-room'], event, now)
  }
  if (action === 'dealt-with') await tellSaid(unit, order, 'dealt-with', ['duty-room'], event, now)
  if (event.data.comes === true) await tellSaid(unit, order, 'help-comes', ['duty-room', 'crew'], event, now)
}

/** Each time that people say something is told, with their words. */
async function tellSaid(
  unit: Operations,
  order: WorkOrder,
  reason: NoticeReason,
  parties: readonly Party[],
  { data: { by, note } }: OrderEvent,
  now: number,
): Promise<void> {
  const { number } = (await unit.chainHead(order.id)) ?? { number: 0 }
  const said = [by, note].filter((words) => typeof words === 'string').join(': ')
  const heard = { occasion: `event ${number}`, ...(said !== '' && { said }) }
  await notify(unit, { order, reason, parties, heard, now })
}

/** Only a crew that had accepted is on the road. */
async function tellWhoSetOut(unit: Operations, before: WorkOrder, order: WorkOrder, now: number): Promise<void> {
  if (before.technicianId !== null) await tellFormerCrew(unit, before, order, now)
}

/** Something was changed on the device: what its rule had learned of the worn part says nothing of it any more. */
function isWorkDone(order: WorkOrder): order is WorkOrder & { deviceId: string } {
  return order.deviceId !== null && (order.outcome === 'repaired' || order.outcome === 'serviced')
}

/** Whoever is on the way, or was told to go, when somebody else finds that it was a false alarm. */
function calledBack(before: WorkOrder, { actor, data }: OrderEvent): readonly Party[] {
  const isOwn = before.technicianId !== null && [actor, data.technicianId].includes(before.technicianId)
  return before.restoredAt !== null || isOwn ? [] : underWay(before)
}

/** A crew that was not told of an order need not hear that nobody goes. */
async function thoseTold(
  unit: Operations,
  order: WorkOrder,
  parties: readonly Party[],
  now: number,
): Promise<readonly Party[]> {
  if (!parties.includes('crew') || !(await isUntold(unit, order, now))) return parties
  return parties.filter((party) => party !== 'crew')
}

/** Who has set out, or was told to. */
function underWay({ state }: { state: string }): readonly Party[] {
  return state === 'raised' ? ['duty-room', 'crew'] : ['crew']
}

function endsWithOrder(finding: string): boolean {
  return endedByPeople.test(finding) || openEnded.has(finding)
}

const openEnded = new Set(
  kinds.flatMap(({ detectors }) => detectors.filter(({ clears }) => !clears).map(({ id }) => id)),
)

/** What an inspection found, for whoever maintains the elevator. */
const openRemedy: OpenRemedy = async (unit, remedy, now) => {
  const asked = { ...remedy, finding: 'manual/remedial', severity: 'warning', type: 'planned' } as const
  return (await openByHand(unit, asked, now)).order
}

/** The rule as it was when it found something: its settings and their version, and ours. */
const ruleOf: RuleOf = async (unit, incident) => {
  const rule = await ruleBehind(unit, kinds, incident)
  return rule === null ? null : { ...rule, version }
}

/** Notices leave and watchers see it at once, not at the next look. */
function wakingAfter<T extends object>(commands: T, wake: () => void): T {
  const waking = Object.entries(commands).map(([name, command]) => [
    name,
    async (...given: unknown[]) => {
      const result = await command(...given)
      wake()
      return result
    },
  ])
  return Object.fromEntries(waking) as T
}
