import { commandsTopic, parseTelemetryTopic } from '../core/topic.ts'

/** A breach of rights: the connection is closed, and it is written down. Plain words for the installer. */
export interface RightsBreach {
  readonly reason: 'foreign-topic' | 'wrong-topic' | 'qos-2' | 'foreign-will' | 'foreign-subscription'
  readonly text: string
}

/** The device that a gateway may publish for on this topic, or what is wrong with it. */
export function mayPublish(gatewayId: string, topic: string, qos: number): { deviceId: string } | RightsBreach {
  if (qos === 2) return { reason: 'qos-2', text: 'QoS 2 is not offered; publish with QoS 1' }
  const parts = parseTelemetryTopic(topic)
  if (parts === undefined) {
    const expected = `liftwatt/v1/${gatewayId}/<device>/telemetry`
    return { reason: 'wrong-topic', text: `"${shortened(topic)}" is not a telemetry topic; publish to ${expected}` }
  }
  if (parts.gatewayId === gatewayId) return { deviceId: parts.deviceId }
  return { reason: 'foreign-topic', text: `"${shortened(topic)}" belongs to another gateway` }
}

/** A last will is a publish that comes later: judged when it is given, not when the gateway is gone. */
export function mayLeaveWill(gatewayId: string, will: { topic: string; qos: number }): RightsBreach | undefined {
  const allowed = mayPublish(gatewayId, will.topic, will.qos)
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
