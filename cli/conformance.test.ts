import { Command } from 'commander'
import { connectAsync } from 'mqtt'
import { afterEach, expect, test, vi } from 'vitest'
import { conformanceCommand } from './conformance.ts'

afterEach(() => vi.restoreAllMocks())

test.each([
  [['--json'], /^{"port":(\d+)}$/],
  [[], /^MQTT 3\.1\.1 on 127\.0\.0\.1:(\d+), without data$/],
])(
  'a suite is told the port that was taken, finds a broker there, and a signal ends it, with %j',
  async (options, line) => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    const once = vi.spyOn(process, 'once').mockReturnThis()
    const program = new Command()
    conformanceCommand(program)
    await program.parseAsync(['mqtt-conformance', '--port', '0', ...options], { from: 'user' })

    const [, port] = line.exec(String(print.mock.calls[0]?.[0])) ?? []
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: 'conf', password: 'any' })
    await client.publishAsync('any/topic', 'any', { qos: 2 })
    await client.endAsync()

    expect(once.mock.calls.map(([signal]) => signal)).toEqual(['SIGTERM', 'SIGINT'])
    const ended = new Promise((resolve) => {
      vi.spyOn(process, 'exit').mockImplementation(((code: number) => resolve(code)) as typeof process.exit)
    })
    const onSignal = once.mock.calls[0]?.[1] as () => void
    onSignal()
    expect(await ended).toBe(0)
  },
)
