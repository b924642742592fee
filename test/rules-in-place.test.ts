import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AnalyticsHost } from '../analytics/host.ts'
import { createAnalyticsHost } from '../analytics/host.ts'
import { loadRuleBook } from '../analytics/rule-book.ts'
import { createRules } from '../analytics/rules.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import { createToJournal } from '../to-journal.ts'
import { smokeDetector } from './fixtures/smoke-detector.ts'
import { startTestDatabase, type TestDatabase } from './operations-database.ts'

const start = 1_800_000_000_000
let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

const device: Device = {
  ...{ id: 's1', kind: smokeDetector.id, gatewayId: 'gw', name: null, siteId: null, feederId: null },
  ...{ contacts: [], facts: {}, createdAt: 0 },
}

function smoke(host: AnalyticsHost, position: number, smokePercentPerM: number) {
  const at = start + position * 10_000
  const reading = { deviceId: device.id, kind: device.kind, at, receivedAt: at, values: { smokePercentPerM } }
  return host.message(device, [reading], { position, receivedAt: at })
}

test('a changed rule goes through the journal: it holds from its place on, and every restart finds it there again', async () => {
  const { operations } = database
  const journal = memoryJournal()
  const rules = createRules({ operations, kinds: [smokeDetector], clock: () => start })
  const toJournal = createToJournal({ operations, journal, onAppended() {}, clock: () => start, log: silentLog })

  const scope = { type: 'kind', id: smokeDetector.id } as const
  const { version } = await rules.change(
    'smoke-detector/smoke',
    { scope, settings: { urgentPercentPerM: 9 }, reason: 'fog' },
    'ann',
  )
  expect(await toJournal.runOnce()).toBe(1)
  expect(await toJournal.runOnce()).toBe(0)
  const { entries } = await journal.read(0, 1_000)
  expect(entries).toEqual([{ type: 'rules', version, receivedAt: start, position: 0 }])

  const host = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
  expect(smoke(host, 0, 6)).toMatchObject([{ change: 'opened', ruleVersion: 0 }])
  smoke(host, 1, 0)
  host.rulesChanged(await loadRuleBook(operations, version))
  expect(smoke(host, 2, 6)).toEqual([])
  expect(smoke(host, 3, 10)).toMatchObject([{ change: 'opened', ruleVersion: version }])
  smoke(host, 4, 0)

  const again = createAnalyticsHost({ kinds: [smokeDetector], log: silentLog })
  again.restore(host.takeChanges(), () => device)
  expect(again.rulesVersion).toBe(version)
  again.rulesChanged(await loadRuleBook(operations, again.rulesVersion))
  expect(smoke(again, 5, 6)).toEqual([])
})
