import { Command } from 'commander'
import { expect, test } from 'vitest'
import { channelCommands } from './channel.ts'
import { conformanceCommand } from './conformance.ts'
import { deviceCommands } from './device.ts'
import { gatewayCommands } from './gateway.ts'
import { incidentCommands } from './incident.ts'
import { memberCommands } from './member.ts'
import { orderCommands } from './order.ts'
import { UsageError } from './output.ts'
import { planCommands } from './plan.ts'
import { replayCommand } from './replay.ts'
import { rosterCommands } from './roster.ts'
import { shelfCommands } from './shelf.ts'
import { siteCommands } from './site.ts'

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
  ['order evidence 7', /this is "7"$/],
  ['site show bad/id', noId],
  ['site add bad/id --type estate --name x', noId],
  ['member remove bad/id', noId],
  ['roster swap bad/id --member li --from x --until y', noId],
  ['plan show bad/id', noId],
  ['shelf end bad/id', noId],
  ['incident show bad/id', noId],
  ['order act 7 accept', /this is "7"$/],
  ['mqtt-conformance --port 65536', /^--port is at most 65535, not 65536$/],
])('%s is wrong usage', async (line, said) => {
  const program = new Command()
  const things = [gatewayCommands, deviceCommands, siteCommands, channelCommands, memberCommands, rosterCommands]
  const orders = [incidentCommands, orderCommands, shelfCommands, planCommands]
  for (const add of [...things, ...orders, replayCommand, conformanceCommand]) add(program)

  const outcome = await program.parseAsync(line.split(' '), { from: 'user' }).catch((cause: unknown) => cause)
  expect(outcome).toBeInstanceOf(UsageError)
  expect((outcome as Error).message).toMatch(said)
})
