import type { Clock } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Incident } from '../core/incident.ts'
import type { Log } from '../core/log.ts'
import {
  orderFaults,
  type RuleChange,
  type RuleInForce,
  type RuleScope,
  type RuleSettings,
  type SettingFault,
  settingFaults,
  valueFaults,
} from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations, Page, PageRequest } from '../stores/operations/port.ts'
import { loadRuleBook, rulesAbove } from './rule-book.ts'

/** Wrong fields of a request, by their path. */
export class WrongSettings extends ExpectedError {
  readonly faults: readonly { readonly path: string; readonly message: string }[]

  constructor(faults: WrongSettings['faults']) {
    super('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '))
    this.name = 'WrongSettings'
    this.faults = faults
  }
}

export interface NewRuleChange {
  readonly scope: RuleScope
  /** Undefined or null = as in the wider scope. */
  readonly enabled?: boolean | null | undefined
  /** All that differ from the wider scope: what is not named is inherited again. */
  readonly settings?: RuleSettings | undefined
  readonly reason: string
}

/** A rule as it ships, and what people changed about it. */
export interface Rule {
  readonly detector: Detector
  readonly kind: string
  readonly changes: readonly RuleChange[]
}

export interface Rules {
  list(): Promise<Rule[]>
  /** @throws {ExpectedError} `not-found` */
  get(finding: string): Promise<Rule>
  /** As it is for one device. @throws {ExpectedError} `not-found` */
  forDevice(finding: string, deviceId: string): Promise<RuleInForce>
  /** Newest first. @throws {ExpectedError} `not-found` */
  history(finding: string, page: PageRequest & { scope?: RuleScope }): Promise<Page<RuleChange>>
  /**
   * Holds from the moment at which the journal has it, a second or so later.
   * @throws {ExpectedError} `not-found`; `invalid` (`WrongSettings`) naming each setting: then the old ones stay in force
   */
  change(finding: string, change: NewRuleChange, actor: string): Promise<RuleChange>
}

const latest = Number.MAX_SAFE_INTEGER

/** Rules are data: what people set is kept in versions, checked before it is taken, and audited. */
export function createRules(options: { operations: Operations; kinds: readonly DeviceKind[]; clock: Clock }): Rules {
  const { operations, kinds, clock } = options

  async function get(finding: string): Promise<Rule> {
    const { detector, kind } = ruleNamed(kinds, finding)
    return { detector, kind: kind.id, changes: await operations.ruleChanges({ upTo: latest, finding }) }
  }

  return {
    get,
    async list() {
      const changes = await operations.ruleChanges({ upTo: latest })
      return kinds.flatMap((kind) =>
        kind.detectors.map((detector) => ({
          detector,
          kind: kind.id,
          changes: changes.filter(({ finding }) => finding === detector.id),
        })),
      )
    },
    async forDevice(finding, deviceId) {
      const { detector, kind } = ruleNamed(kinds, finding)
      const device = await operations.device(deviceId)
      if (device === undefined) throw new ExpectedError('not-found', `There is no device ${deviceId}`)
      if (device.kind !== kind.id) throw new ExpectedError('not-found', `${deviceId} has no rule ${finding}`)
      const book = await loadRuleBook(operations, latest)
      return book.rulesOf(device, kind)[kind.detectors.indexOf(detector)] as RuleInForce
    },
    async history(finding, page) {
      ruleNamed(kinds, finding)
      return operations.ruleHistory(finding, page)
    },
    change: (finding, change, actor) =>
      operations.transaction(async (unit) => {
        const { detector, kind } = ruleNamed(kinds, finding)
        const made = { ...change, enabled: change.enabled ?? null, settings: change.settings ?? {} }
        await checkChange(unit, detector, kind, made)
        const { scope, enabled, settings, reason } = made
        const saved = await unit.insertRuleChange({ finding, scope, enabled, settings, at: clock(), actor, reason })
        const data = { version: saved.version, scope, enabled, settings, reason }
        await unit.insertAudit({ at: saved.at, actor, action: 'rule-changed', subject: finding, data })
        await unit.insertJournalNote({ type: 'rules', version: saved.version })
        return saved
      }),
  }
}

/** Settings that hold and would be refused now: they were set before their range was known. */
export function outOfRange({ detector, changes }: Rule): (SettingFault & { readonly version: number })[] {
  return changes.flatMap(({ version, settings }) =>
    valueFaults(detector, settings).map((fault) => ({ version, ...fault })),
  )
}

/** Says in the log which those are. @throws {StoreUnavailable} */
export async function nameOutOfRange(rules: Pick<Rules, 'list'>, log: Log): Promise<void> {
  for (const rule of await rules.list()) {
    for (const fault of outOfRange(rule)) {
      log.warn({ finding: rule.detector.id, ...fault }, 'a setting of a rule would be refused now; it stays in force')
    }
  }
}

/** @throws {ExpectedError} `not-found` */
export function ruleNamed(kinds: readonly DeviceKind[], finding: string): { detector: Detector; kind: DeviceKind } {
  for (const kind of kinds) {
    const detector = kind.detectors.find(({ id }) => id === finding)
    if (detector !== undefined) return { detector, kind }
  }
  throw new ExpectedError('not-found', `There is no rule ${finding}`)
}

/** @throws {ExpectedError} `invalid` when nothing of this kind can be in that scope */
async function mayHold(unit: Operations, kind: DeviceKind, { type, id }: RuleScope): Promise<void> {
  const wrong = (message: string) => new WrongSettings([{ path: 'scope.id', message }])
  if (type === 'kind' && id !== kind.id) throw wrong(`must be ${kind.id}, the kind of the rule`)
  if (type === 'site' && (await unit.site(id)) === undefined) throw wrong(`there is no site ${id}`)
  if (type !== 'device') return
  const device = await unit.device(id)
  if (device === undefined) throw wrong(`there is no device ${id}`)
  if (device.kind !== kind.id) throw wrong(`${id} is of kind ${device.kind}, the rule of ${kind.id}`)
}

/** Whether it may be so: the new settings in what they inherit, and whatever inherits them. @throws {WrongSettings} */
export async function checkChange(
  unit: Operations,
  detector: Detector,
  kind: DeviceKind,
  { scope, settings }: { scope: RuleScope; settings: RuleSettings },
): Promise<void> {
  await mayHold(unit, kind, scope)
  const changes = await unit.ruleChanges({ upTo: latest, finding: detector.id })
  const device = scope.type === 'device' ? await unit.device(scope.id) : undefined
  const siteId = scope.type === 'site' ? scope.id : (device?.siteId ?? null)
  const above = siteId === null ? [] : (await unit.sitesAbove(siteId)).map(({ id }) => id)
  const inherited = rulesAbove(detector, { kind: kind.id, scope, sites: above, changes })
  const faults = settingFaults(detector, settings, inherited)
  if (faults.length > 0) {
    throw new WrongSettings(faults.map(({ setting, message }) => ({ path: `settings.${setting}`, message })))
  }

  if (scope.type === 'device') return
  const narrower = changes.filter((other) => other.scope.type === 'device' || scope.type === 'kind')
  for (const other of narrower) {
    if (other.scope.type === scope.type) continue
    const [fault] = orderFaults(detector, other.settings, { ...inherited, ...settings })
    if (fault === undefined) continue
    const message = `does not fit what is set for the ${other.scope.type} ${other.scope.id}: ${fault.message}`
    throw new WrongSettings([{ path: `settings.${fault.setting}`, message }])
  }
}

/** The rule that found an incident, as it was then; null when no detector did. */
export async function ruleBehind(
  unit: Operations,
  kinds: readonly DeviceKind[],
  { finding, deviceId, ruleVersion }: Pick<Incident, 'finding' | 'deviceId' | 'ruleVersion'>,
): Promise<{ id: string; ruleVersion: number; settings: RuleSettings } | null> {
  const device = deviceId === null ? undefined : await unit.device(deviceId)
  const kind = kinds.find(({ id }) => id === device?.kind)
  const index = kind?.detectors.findIndex(({ id }) => id === finding) ?? -1
  if (device === undefined || kind === undefined || index < 0) return null
  const book = await loadRuleBook(unit, ruleVersion)
  return { id: finding, ruleVersion, settings: book.rulesOf(device, kind)[index]?.settings ?? {} }
}
