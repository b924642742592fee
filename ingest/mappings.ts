import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { MappingVersion } from '../core/mapping.ts'
import { setNewest } from '../core/newest-keys.ts'
import { compileMapping, type MapMessage } from './mapping.ts'

/** A version of a gateway's mapping, ready to be used; undefined where there is none that can be. @throws {StoreUnavailable} */
export type FindMap = (gatewayId: string, version: number) => Promise<MapMessage | undefined>

const mostKept = 1_000

/** Versions never change: each is asked for once, and those that are used stay at hand. */
export function createMappings(options: {
  find: (gatewayId: string, version: number) => Promise<MappingVersion | undefined>
  log: Log
}): FindMap {
  const { find, log } = options
  /** undefined = it is there, and cannot be used. */
  const known = new Map<string, MapMessage | undefined>()

  function compiled({ gatewayId, version, mapping }: MappingVersion): MapMessage | undefined {
    if (mapping === null) return undefined
    try {
      return compileMapping(mapping)
    } catch (cause) {
      log.error({ gateway: gatewayId, version, reason: reasonOf(cause) }, 'a mapping could not be used')
      return undefined
    }
  }

  return async (gatewayId, version) => {
    const key = `${gatewayId} ${version}`
    if (known.has(key)) return known.get(key)
    const found = await find(gatewayId, version)
    if (found === undefined) return undefined
    const map = compiled(found)
    setNewest(known, key, map, mostKept)
    return map
  }
}
