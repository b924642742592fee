import { Command } from 'commander'
import { expect, test } from 'vitest'
import { channelCommands } from './channel.ts'
import { conformanceCommand } from './conformance.ts'
import { deviceCommands } from './device.ts'
import { gatewayCommands } from './gateway.ts'
import { orderCommands } from './order.ts'
import { UsageError } from './output.ts'
import { replayCommand } from './replay.ts'

/** Wrong usage is told as such (exit code 2), whether a service runs here or not. */
const noId = /must be 1 to 64 of the characters A-Z a-z 0-9 _ -; this is "bad\/id"$/

test.each([
  ['gateway add bad/id', noId],
  ['gateway rotate bad/id', noId],
  ['gateway revoke bad/id', noId],
  ['device add bad/id --kind elevator --gateway gw-1', noId],
  ['device add lift-1 --kind elevator --gateway bad/id', noId],
  ['device list --gateway bad/id', noId],
  ['channel add bad/id --type webhook --settings {}', noId],
  ['channel test bad/id', noId],
  ['replay day.csv --mapping day.json --gateway bad/id', noId],
  ['order show bad/id', /^<id> is an order's, as "order list" shows it; this is "bad\/id"$/],
  ['order act 7 accept', /this is "7"$/],
  ['mqtt-conformance --port 65536', /^--port is at most 65535, not 65536$/],
])('%s is wrong usage', async (line, said) => {
  const program = new Command()
  const words = [gatewayCommands, deviceCommands, orderCommands, channelCommands, replayCommand, conformanceCommand]
  for (const add of words) add(program)

  const outcome = await program.parseAsync(line.split(' '), { from: 'user' }).catch((cause: unknown) => cause)
  expect(outcome).toBeInstanceOf(UsageError)
  expect((outcome as Error).message).toMatch(said)
})
