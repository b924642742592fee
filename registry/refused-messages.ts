import { longestTopic, type MappingSample } from '../core/mapping.ts'
import { setNewest } from '../core/newest-keys.ts'
import { rawTopic } from '../core/topic.ts'

/** Longer ones are not kept, so that all together stay below 10 MiB. */
const longestPayload = 8 * 1024
const topicsKept = 5
const gatewaysKept = 200

/**
 * What gateways published where they may not: in memory alone, the newest of each of a few topics, so that whoever writes a mapping
 * sees what the gateway says before it may say it.
 */
export function createRefusedMessages() {
  const byGateway = new Map<string, Map<string, MappingSample>>()
  return {
    note(gatewayId: string, { topic, payload, receivedAt }: MappingSample): void {
      // one that no mapping's topic could be for is of no use either
      if (payload.length > longestPayload || rawTopic(gatewayId, topic).length > longestTopic) return
      const ofGateway = byGateway.get(gatewayId) ?? new Map<string, MappingSample>()
      setNewest(ofGateway, topic, { topic, payload: Uint8Array.from(payload), receivedAt }, topicsKept)
      setNewest(byGateway, gatewayId, ofGateway, gatewaysKept)
    },
    /** Newest first. */
    of: (gatewayId: string): MappingSample[] => [...(byGateway.get(gatewayId)?.values() ?? [])].reverse(),
  }
}
