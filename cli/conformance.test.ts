import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { conformanceCommand } from './conformance.ts'

vi.mock('../broker/conformance.ts', () => ({
  startConformanceBroker: async () => ({ port: 18_830, stop: async () => {} }),
}))
afterEach(() => vi.restoreAllMocks())

test.each([
  [['--json'], '{"port":18830}'],
  [[], 'MQTT 3.1.1 on 127.0.0.1:18830, without data'],
])('a suite is told the port that was taken, with %j', async (options, line) => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  const once = vi.spyOn(process, 'once').mockReturnThis()
  const program = new Command()
  conformanceCommand(program)
  await program.parseAsync(['mqtt-conformance', '--port', '0', ...options], { from: 'user' })
  expect(print.mock.calls).toEqual([[line]])
  expect(once).toHaveBeenCalledTimes(2)
})
