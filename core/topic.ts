import { isIdentifier } from './identifier.ts'

const root = 'liftwatt/v1/'

/** Where a gateway publishes the readings of one device. */
export function telemetryTopic(gatewayId: string, deviceId: string): string {
  return `${root}${gatewayId}/${deviceId}/telemetry`
}

/** The only topic a gateway may subscribe to. */
export function commandsTopic(gatewayId: string): string {
  return `${root}${gatewayId}/commands`
}

/**
 * What a gateway with a mapping published, as the mapping calls it: below the gateway's own `raw/` the rest, and any other topic, from
 * one that can be given no prefix, as it is.
 */
export function rawTopic(gatewayId: string, topic: string): string {
  const prefix = `${root}${gatewayId}/raw/`
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : topic
}

/** The two ids in a telemetry topic, or undefined when it is not one, to the letter. */
export function parseTelemetryTopic(topic: string): { gatewayId: string; deviceId: string } | undefined {
  if (!topic.startsWith(root)) return undefined
  const gatewayEnd = topic.indexOf('/', root.length)
  const deviceEnd = topic.indexOf('/', gatewayEnd + 1)
  if (gatewayEnd < 0 || deviceEnd < 0 || topic.slice(deviceEnd) !== '/telemetry') return undefined

  const gatewayId = topic.slice(root.length, gatewayEnd)
  const deviceId = topic.slice(gatewayEnd + 1, deviceEnd)
  return isIdentifier(gatewayId) && isIdentifier(deviceId) ? { gatewayId, deviceId } : undefined
}
