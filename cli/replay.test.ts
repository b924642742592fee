import { expect, test } from 'vitest'
import { UsageError } from './output.ts'
import { passwordFor } from './replay.ts'

/** A service with these gateways; `asked` are the changes that it was asked for. */
function serviceWith(...gateways: { id: string; name: string | null; autoRegister: string | null }[]) {
  const asked: unknown[][] = []
  return {
    asked,
    list: async <T>() => gateways as T[],
    request: async <T>(...request: unknown[]) => {
      asked.push(request)
      return { password: 'new' } as T
    },
  }
}

test("a real gateway's password is never rotated under it: its password must be given", async () => {
  const service = serviceWith({ id: 'gw-7', name: 'Cellar', autoRegister: 'electricity-meter' })
  const asking = passwordFor(service, 'gw-7', 'electricity-meter')

  await expect(asking).rejects.toThrow(UsageError)
  await expect(asking).rejects.toThrow(/--password/)
  expect(service.asked).toEqual([])
})

test('a new gateway needs a kind, else everything that it publishes would be of an unknown device', async () => {
  const service = serviceWith()
  await expect(passwordFor(service, 'replay', undefined)).rejects.toThrow(UsageError)
  expect(service.asked).toEqual([])

  expect(await passwordFor(service, 'replay', 'electricity-meter')).toBe('new')
  const gateway = { id: 'replay', name: 'replay', autoRegister: 'electricity-meter' }
  expect(service.asked).toEqual([['POST', '/gateways', gateway]])
})

test('a gateway that replay has made is used again, but not for another kind', async () => {
  const service = serviceWith({ id: 'day-1', name: 'replay', autoRegister: 'electricity-meter' })
  await expect(passwordFor(service, 'day-1', 'elevator')).rejects.toThrow(/electricity-meter/)
  expect(service.asked).toEqual([])

  expect(await passwordFor(service, 'day-1', undefined)).toBe('new')
  expect(await passwordFor(service, 'day-1', 'electricity-meter')).toBe('new')
  expect(service.asked).toEqual([
    ['POST', '/gateways/day-1/rotate'],
    ['POST', '/gateways/day-1/rotate'],
  ])
})
