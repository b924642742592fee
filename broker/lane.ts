import type { Socket } from 'node:net'
import type { DeviceMessage } from './accept.ts'
import { bodyStart, fieldEnd, isQos1Publish, remainingLength, uint16 } from './frames.ts'
import type { GuardControls, Lane } from './guard.ts'

const pauseReason = 'unread acknowledgements'

/**
 * The short way for what nearly all packets are: QoS 1 to a topic that this connection has published to before. aedes' own way
 * there and back costs four times as much (docs/performance.md), and everything else goes it: the first message to a topic, so
 * every question of rights, and whatever is not such a message.
 *
 * A PUBACK leaves when its message is on disk, in the order in which messages came [MQTT-4.6.0-2], those on aedes' way included: both
 * ways write to the journal and to the socket at once when they are asked to. Who does not read his PUBACKs is not read either, and
 * after `drainTimeoutMs` the connection is closed, as aedes does it.
 */
export function createLane(options: {
  socket: Socket & Pick<GuardControls, 'pauseReading' | 'resumeReading'>
  /** The device of a topic that was published to before. */
  deviceOf: (topic: string) => string | undefined
  accept: (messages: readonly DeviceMessage[], done: (error?: Error | null) => void) => void
  drainTimeoutMs: number
}): Lane {
  const { socket, deviceOf, accept, drainTimeoutMs } = options
  let drainTimer: NodeJS.Timeout | undefined

  function acknowledge(acks: Buffer): void {
    if (!socket.writable || socket.write(acks) || drainTimer !== undefined) return
    socket.pauseReading(pauseReason)
    const stopWaiting = () => {
      clearTimeout(drainTimer)
      drainTimer = undefined
      socket.removeListener('drain', drained)
      socket.removeListener('close', stopWaiting)
    }
    const drained = () => {
      stopWaiting()
      socket.resumeReading(pauseReason)
    }
    drainTimer = setTimeout(() => socket.destroy(new Error('drain timeout')), drainTimeoutMs)
    socket.once('drain', drained)
    socket.once('close', stopWaiting)
  }

  return (packets) => {
    const messages: DeviceMessage[] = []
    const packetIds: number[] = []
    let at = 0
    while (at < packets.length && isQos1Publish(packets[at] as number)) {
      const body = bodyStart(packets, at + 1)
      const end = body + remainingLength(packets, at + 1, body)
      const topicEnd = fieldEnd(packets, body, end)
      const deviceId = deviceOf(packets.toString('latin1', body + 2, topicEnd))
      if (deviceId === undefined) break
      messages.push({ deviceId, payload: packets.subarray(topicEnd + 2, end) })
      packetIds.push(uint16(packets, topicEnd))
      at = end
    }
    if (at === 0) return 0
    accept(messages, (error) => {
      if (error) socket.destroy(error)
      else acknowledge(pubacksOf(packetIds))
    })
    return at
  }
}

/** PUBACK, MQTT 3.1.1 section 3.4: two bytes of header, then the packet id. */
function pubacksOf(packetIds: readonly number[]): Buffer {
  const acks = Buffer.allocUnsafe(packetIds.length * 4)
  let at = 0
  for (const id of packetIds) {
    acks[at] = 0x40
    acks[at + 1] = 2
    acks[at + 2] = id >> 8
    acks[at + 3] = id & 0xff
    at += 4
  }
  return acks
}
