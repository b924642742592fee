import { ExpectedError } from '../../../core/errors.ts'
import type { Operations } from '../../../stores/operations/port.ts'
import type { ChannelTools } from '../port.ts'

/** Of one that does not take it, whether it is away or was never there: only the first may be there in a minute. */
export function toGateways(
  operations: Pick<Operations, 'gateway'>,
  publish: ChannelTools['publish'],
): ChannelTools['publish'] {
  return async (gatewayId, payload) => {
    try {
      await publish(gatewayId, payload)
    } catch (cause) {
      if ((await operations.gateway(gatewayId)) !== undefined) throw cause
      throw new ExpectedError('not-found', `There is no gateway ${gatewayId}`)
    }
  }
}
