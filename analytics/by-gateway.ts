/** What of the journal's entries this needs to know. */
interface Item {
  readonly type: string
  readonly gatewayId?: string
  readonly device?: { readonly gatewayId: string }
}

/**
 * The same items in an order that is kinder to the processor: between two that concern everybody (a tick, a start, other rules), those of
 * one gateway come one after the other. What is remembered of its devices is then read from main memory once, not once per message:
 * with a thousand devices that is half the time of a reading.
 *
 * Nothing that is found depends on it: a message concerns its device and its gateway, and theirs stay in order.
 */
export function byGateway<T extends Item>(items: readonly T[]): T[] {
  const ordered: T[] = []
  let groups = new Map<string, T[]>()
  const close = () => {
    for (const group of groups.values()) for (const item of group) ordered.push(item)
    if (groups.size > 0) groups = new Map()
  }
  for (const item of items) {
    const gatewayId = item.device?.gatewayId ?? item.gatewayId
    if (gatewayId === undefined) {
      close()
      ordered.push(item)
      continue
    }
    const group = groups.get(gatewayId)
    if (group === undefined) groups.set(gatewayId, [item])
    else group.push(item)
  }
  close()
  return ordered
}
