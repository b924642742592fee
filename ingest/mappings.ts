import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { MappingVersion } from '../core/mapping.ts'
import { setNewest } from '../core/newest-keys.ts'
import { compileMapping, type MapMessage } from './mapping.ts'

/** A version of a gateway's mapping, ready to be used; undefined where there is no such one. @throws {StoreUnavailable} */
export type FindMap = (gatewayId: string, version: number) => Promise<MapMessage | undefined>

const mostKept = 1_000

/** Versions never change: each is asked for once, and those that are used stay at hand. */
export function createMappings(options: {
  find: (gatewayId: string, version: number) => Promise<MappingVersion | undefined>
  log: Log
}): FindMap {
  const { find, log } = options
  const known = new Map<string, MapMessage>()

  return async (gatewayId, version) => {
    const key = `${gatewayId} ${version}`
    const before = known.get(key)
    if (before !== undefined) return before
    const mapping = (await find(gatewayId, version))?.mapping
    if (mapping == null) return undefined
    try {
      const map = compileMapping(mapping)
      setNewest(known, key, map, mostKept)
      return map
    } catch (cause) {
      log.error({ gateway: gatewayId, version, reason: reasonOf(cause) }, 'a mapping could not be used')
      return undefined
    }
  }
}
