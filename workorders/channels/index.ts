import { ExpectedError, reasonOf } from '../../core/errors.ts'
import type { Channel, ChannelType } from '../../core/notice.ts'
import { ForbiddenAddress } from '../notices/safe-fetch.ts'
import { dingtalk } from './dingtalk/index.ts'
import { email } from './email/index.ts'
import { feishu } from './feishu/index.ts'
import { httpTemplate } from './http-template/index.ts'
import { mqtt } from './mqtt/index.ts'
import type { ChannelKind, ChannelTools, Delivery, OpenChannel } from './port.ts'
import { hideSecrets } from './secrets.ts'
import { webhook } from './webhook/index.ts'
import { wecom } from './wecom/index.ts'

/** Every way to reach people; another one is another folder and a line here. */
export const channelKinds: Readonly<Record<ChannelType, ChannelKind>> = {
  webhook: webhook as unknown as ChannelKind,
  dingtalk: dingtalk as unknown as ChannelKind,
  wecom: wecom as unknown as ChannelKind,
  feishu: feishu as unknown as ChannelKind,
  email: email as unknown as ChannelKind,
  'http-template': httpTemplate as unknown as ChannelKind,
  mqtt: mqtt as unknown as ChannelKind,
}

/** A channel to send by: whatever goes wrong in it becomes an outcome. */
export function openChannel(channel: Channel, tools: ChannelTools): OpenChannel {
  const kind = channelKinds[channel.type]
  const settings = kind.settings.safeParse(channel.settings)
  if (!settings.success) {
    const reason = `its settings are not those of ${channel.type} any more: save them anew`
    return { send: async () => ({ outcome: 'refused', reason }) }
  }
  const open = kind.open(settings.data, tools)
  return {
    send: (message, context) =>
      Promise.race([open.send(message, context), aborted(context.signal)]).catch((cause: unknown) =>
        failure(cause, context.signal),
      ),
  }
}

/** Not everything that a channel waits for can be interrupted; whoever sends does not wait for it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function failure(cause: unknown, signal: AbortSignal): Delivery {
  if (cause instanceof ForbiddenAddress) return { outcome: 'refused', reason: cause.message }
  return { outcome: 'retry', reason: signal.aborted ? 'no answer in time' : reasonOf(cause) }
}

/** A channel as people see it. */
export function withoutSecrets(channel: Channel): Channel {
  return { ...channel, settings: hideSecrets(channel.settings, channelKinds[channel.type].hide) }
}

/**
 * Settings as their type wants them, for a receiver that may be reached.
 * @throws {ExpectedError} `invalid`, with `faults` by field
 */
export async function checkSettings(
  type: ChannelType,
  given: unknown,
  tools: ChannelTools,
): Promise<Channel['settings']> {
  const kind = channelKinds[type]
  const parsed = kind.settings.safeParse(given)
  if (!parsed.success) {
    throw wrongSettings(
      parsed.error.issues.map(({ path, message }) => ({ path: ['settings', ...path].join('.'), message })),
    )
  }
  await kind.check(parsed.data, tools).catch((cause: unknown) => {
    const path = type === 'email' ? 'settings.host' : 'settings.url'
    throw wrongSettings([{ path, message: reasonOf(cause) }])
  })
  return parsed.data as Channel['settings']
}

function wrongSettings(faults: { path: string; message: string }[]): ExpectedError {
  const shown = faults.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return Object.assign(new ExpectedError('invalid', shown), { faults })
}
