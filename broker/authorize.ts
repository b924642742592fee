import { commandsTopic, parseTelemetryTopic, rawTopic } from '../core/topic.ts'
import type { MappedTopic } from './accept.ts'

/** A breach of rights: the connection is closed, and it is written down. Plain words for the installer. */
export interface RightsBreach {
  readonly reason: 'foreign-topic' | 'wrong-topic' | 'qos-2' | 'foreign-will' | 'foreign-subscription'
  readonly text: string
}

/** The mapping that is in force for a gateway: topics in its own words, which it may publish to as well. */
export interface MappingInForce {
  readonly version: number
  /** Never a topic of ours, whatever the mapping says. */
  readonly has: (topic: string) => boolean
}

/** The device that a gateway may publish for on this topic, or what its mapping calls the topic, or what is wrong with it. */
export function mayPublish(
  gatewayId: string,
  topic: string,
  qos: number,
  mapping?: MappingInForce,
): { deviceId: string } | MappedTopic | RightsBreach {
  if (qos === 2) return { reason: 'qos-2', text: 'QoS 2 is not offered; publish with QoS 1' }
  const parts = parseTelemetryTopic(topic)
  if (parts === undefined) {
    const raw = rawTopic(gatewayId, topic)
    if (mapping?.has(raw)) return { topic: raw, mappingVersion: mapping.version }
    const expected = `liftwatt/v1/${gatewayId}/<device>/telemetry`
    const also = mapping === undefined ? '' : `, or where version ${mapping.version} of the mapping says`
    return {
      reason: 'wrong-topic',
      text: `"${shortened(topic)}" is not a telemetry topic; publish to ${expected}${also}`,
    }
  }
  if (parts.gatewayId === gatewayId) return { deviceId: parts.deviceId }
  return { reason: 'foreign-topic', text: `"${shortened(topic)}" belongs to another gateway` }
}

/** A last will is a publish that comes later: judged when it is given, not when the gateway is gone. */
export function mayLeaveWill(
  gatewayId: string,
  will: { topic: string; qos: number },
  mapping?: MappingInForce,
): RightsBreach | undefined {
  const allowed = mayPublish(gatewayId, will.topic, will.qos, mapping)
  return 'reason' in allowed ? { reason: 'foreign-will', text: `last will refused: ${allowed.text}` } : undefined
}

export function maySubscribe(gatewayId: string, filter: string): RightsBreach | undefined {
  const own = commandsTopic(gatewayId)
  if (filter === own) return undefined
  return { reason: 'foreign-subscription', text: `may only subscribe to ${own}, not to "${shortened(filter)}"` }
}

function shortened(topic: string): string {
  return topic.length > 120 ? `${topic.slice(0, 120)}…` : topic
}
