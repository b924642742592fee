import type { Device } from '../core/device.ts'
import { type MappingTrialResult, mappedTopics, type TryMapping } from '../core/mapping.ts'
import { rawTopic } from '../core/topic.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { DecodeRules } from './decode.ts'
import { createRawDecoder, translate } from './decode-raw.ts'
import { deviceAs } from './devices.ts'
import { compileMapping } from './mapping.ts'

/** Says what a mapping would make of messages, by the very functions that read the journal; nothing is stored, nobody is told. */
export function createMappingTrial(
  options: DecodeRules & { operations: Pick<Operations, 'devicesByIds' | 'gateway'> },
): TryMapping {
  const { operations } = options
  const decode = createRawDecoder(options)

  /** As the data thread would find them: those that are registered, and those that their gateway would register. */
  async function devicesFor(gatewayId: string, ids: readonly string[]): Promise<Map<string, Device>> {
    const devices = new Map((await operations.devicesByIds(ids)).map((device) => [device.id, device]))
    const kind = (await operations.gateway(gatewayId))?.autoRegister
    if (kind == null) return devices
    for (const id of ids) {
      if (!devices.has(id)) devices.set(id, deviceAs({ kind, siteId: null }, { gatewayId, deviceId: id }, 0))
    }
    return devices
  }

  return async (gatewayId, mapping, samples) => {
    const map = compileMapping(mapping)
    const translated = samples.map((sample) => {
      const message = { ...sample, topic: rawTopic(gatewayId, sample.topic), gatewayId }
      return { message, said: translate(message, map) }
    })
    const ids = new Set(translated.flatMap(({ said }) => said.readings.map(({ deviceId }) => deviceId)))
    const devices = await devicesFor(gatewayId, [...ids])
    const isMapped = mappedTopics(mapping)
    return translated.map(({ message, said }) => {
      if (!isMapped(message.topic)) return notMapped
      const { messages, faults } = decode(message, said, (id) => devices.get(id))
      const readings = messages.flatMap(({ device: { id: deviceId, kind }, readings }) =>
        readings.map(({ at, values }) => ({ deviceId, kind, at, values })),
      )
      return { isMapped: true, readings, faults }
    })
  }
}

/** The door would not let it in. */
const notMapped: MappingTrialResult = { isMapped: false, readings: [], faults: [] }
