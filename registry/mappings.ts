import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Mapping, MappingVersion } from '../core/mapping.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import { type Fault, WrongFields } from './fields.ts'

export interface NewMapping {
  /** Null = the gateway speaks our words from now on, and may publish nowhere else. */
  readonly mapping: Mapping | null
  /** The one that was read; 0 = there was none. */
  readonly version: number
  readonly reason: string
}

/** How gateways that cannot speak our words are read. */
export interface Mappings {
  /** The newest version, or one. @throws {ExpectedError} `not-found` */
  mappingOf(gatewayId: string, version?: number): Promise<MappingVersion>
  /**
   * In force for what the gateway publishes from now on: what came before was taken by the version of then.
   * @throws {ExpectedError} `not-found`; `already-done` when the gateway is revoked or somebody else saved one meanwhile;
   *   `invalid` (`WrongFields`) naming each metric that no kind has
   */
  saveMapping(gatewayId: string, given: NewMapping, actor: string): Promise<MappingVersion>
}

export function createMappings(options: {
  operations: Operations
  kinds: readonly DeviceKind[]
  clock: Clock
  onChange: () => void | Promise<void>
}): Mappings {
  const { operations, kinds, clock, onChange } = options
  const metrics = new Set(kinds.flatMap(({ telemetry }) => Object.keys(telemetry.shape)))

  return {
    async mappingOf(gatewayId, version) {
      const found = await operations.mapping(gatewayId, version)
      if (found !== undefined) return found
      if (version !== undefined) throw new ExpectedError('not-found', `${gatewayId} has no mapping ${version}`)
      const gateway = await operations.gateway(gatewayId)
      if (gateway === undefined) throw new ExpectedError('not-found', `There is no gateway ${gatewayId}`)
      return { gatewayId, version: 0, mapping: null, at: gateway.createdAt, actor: '', reason: '' }
    },

    async saveMapping(gatewayId, { mapping, version, reason }, actor) {
      const faults = mapping === null ? [] : unknownMetrics(mapping, metrics)
      if (faults.length > 0) throw new WrongFields(faults)
      const saved = await operations.transaction(async (unit) => {
        const gateway = await unit.lockGateway(gatewayId)
        if (gateway === undefined) throw new ExpectedError('not-found', `There is no gateway ${gatewayId}`)
        if (gateway.revokedAt !== null) throw new ExpectedError('already-done', `The gateway ${gatewayId} is revoked`)
        const before = await unit.mapping(gatewayId)
        if ((before?.version ?? 0) !== version) {
          throw new ExpectedError(
            'already-done',
            `Somebody else changed the mapping of ${gatewayId} meanwhile; look again`,
          )
        }
        if (before !== undefined && isDeepStrictEqual(before.mapping, mapping)) return before
        const next = { gatewayId, version: version + 1, mapping, at: clock(), actor, reason }
        await unit.insertMapping(next)
        const data = { version: next.version, on: mapping !== null, reason }
        await unit.insertAudit({ at: next.at, actor, action: 'gateway-mapped', subject: gatewayId, data })
        const [was, is] = [before?.mapping ?? null, mapping]
        const history = { at: next.at, actor, subjectType: 'gateway' as const, subjectId: gatewayId }
        await unit.insertHistory({ ...history, before: was, after: is })
        return next
      })
      await onChange()
      return saved
    },
  }
}

function unknownMetrics({ rules }: Mapping, known: ReadonlySet<string>): Fault[] {
  return rules.flatMap((rule, index) =>
    Object.keys(rule.metrics)
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: `mapping.rules.${index}.metrics.${name}`,
        message: 'no kind has a metric of this name',
      })),
  )
}
