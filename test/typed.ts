import type { AddressInfo } from 'node:net'
import { Command } from 'commander'
import { vi } from 'vitest'
import { operatorToken, type TestApi } from './test-api.ts'

/** Types words at an API, and answers what they print. */
export async function typing(
  api: TestApi,
  ...commands: readonly ((program: Command) => void)[]
): Promise<(...words: string[]) => Promise<string>> {
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo

  return async (...words) => {
    for (const name of Object.keys(process.env)) if (name.startsWith('LIFTWATT_')) vi.stubEnv(name, '')
    vi.stubEnv('HTTP_PORT', String(port))
    vi.stubEnv('LIFTWATT_OPERATOR_TOKEN', operatorToken)
    const parts: string[] = []
    const printed = vi.spyOn(console, 'log').mockImplementation((text) => void parts.push(`${text}\n`))
    const written = vi.spyOn(process.stdout, 'write').mockImplementation((bytes) => {
      parts.push(Buffer.from(bytes as Uint8Array).toString())
      return true
    })
    const program = new Command().exitOverride()
    for (const command of commands) command(program)
    try {
      await program.parseAsync(words, { from: 'user' })
      return parts.join('')
    } finally {
      written.mockRestore()
      printed.mockRestore()
      vi.unstubAllEnvs()
    }
  }
}
