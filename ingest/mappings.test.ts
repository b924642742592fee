import { expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import { Mapping, type MappingVersion } from '../core/mapping.ts'
import { createMappings } from './mappings.ts'

const at = Date.UTC(2026, 10, 30, 8)
const versionOf = (version: number, scale: number | null): MappingVersion => ({
  ...{ gatewayId: 'gw-1', version, at, actor: 'li', reason: 'x' },
  mapping:
    scale === null
      ? null
      : Mapping.parse({
          rules: [{ topic: 'm/{device}', time: 'receipt', metrics: { watts: { path: '$.p', scale } } }],
        }),
})

test('each version says what it said, whichever is in force by now, and is asked for once', async () => {
  const asked: number[] = []
  const versions = [versionOf(1, 1), versionOf(2, null), versionOf(3, 1_000)]
  const findMap = createMappings({
    find: async (_, version) => {
      asked.push(version)
      return versions[version - 1]
    },
    log: silentLog,
  })
  const watts = async (version: number) =>
    (await findMap('gw-1', version))?.('m/meter-1', { p: 2 }, at)?.readings[0]?.values.watts
  const said = [await watts(3), await watts(1), await watts(3), await watts(1)]
  expect(said).toEqual([2_000, 2, 2_000, 2])
  expect(asked).toEqual([3, 1])
  expect(await findMap('gw-1', 2)).toBeUndefined()
  expect(await findMap('gw-1', 9)).toBeUndefined()
})

test('a version that cannot be used is asked for and said once, and one that is not there may come yet', async () => {
  const versions: MappingVersion[] = [
    { ...versionOf(1, 1), mapping: { rules: 'of a later release' } as unknown as Mapping },
  ]
  const asked: number[] = []
  const errors: object[] = []
  const findMap = createMappings({
    find: async (_, version) => {
      asked.push(version)
      return versions[version - 1]
    },
    log: { ...silentLog, error: (fields) => errors.push(fields) },
  })
  for (const version of [1, 1, 2]) expect(await findMap('gw-1', version)).toBeUndefined()
  versions.push(versionOf(2, 1))
  expect(await findMap('gw-1', 2)).toBeDefined()
  expect(asked).toEqual([1, 2, 2])
  expect(errors).toMatchObject([{ gateway: 'gw-1', version: 1 }])
})

test('a database that is away is waited for: nothing is read as if there were no mapping', async () => {
  const findMap = createMappings({
    find: () => Promise.reject(new StoreUnavailable('operations', new Error('gone'))),
    log: silentLog,
  })
  await expect(findMap('gw-1', 1)).rejects.toThrow(StoreUnavailable)
})
