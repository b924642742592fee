import { expect, test } from 'vitest'
import { dayMs, minuteMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { kinds } from '../devices/index.ts'
import { seededRandom } from '../simulators/random.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { createAnalyticsHost } from './host.ts'

const startAt = Date.UTC(2026, 5, 1)

/** What its rules remember at the end of each of these days, sampled once in twenty minutes, bytes. */
function bytesByDay(kind: (typeof kinds)[number], days: number): number[] {
  const id = `${kind.id}-1`
  const device = testDevice({ id, kind: kind.id, gatewayId: 'gw' })
  const simulated = kind.simulator.create({ random: seededRandom(2), facts: {}, startAt })
  const host = createAnalyticsHost({ kinds: [kind], log: silentLog })
  const bytes: number[] = []
  for (let at = startAt + minuteMs, position = 0; bytes.length < days; at += 20 * minuteMs, position++) {
    const values = simulated.step(at)
    const mark = { position, receivedAt: at }
    host.message(device, [{ deviceId: id, kind: kind.id, at, receivedAt: at, values }], mark)
    if (at - startAt <= (bytes.length + 1) * dayMs) continue
    const { states } = JSON.parse(host.takeChanges().get(`device/${id}`) ?? '') as { states: object }
    bytes.push(Buffer.byteLength(JSON.stringify(states)))
  }
  return bytes
}

test.each(kinds)('what the rules of $id remember stays within 4 KiB, also when all histories are full', (kind) => {
  const bytes = bytesByDay(kind, 80)
  expect(Math.max(...bytes)).toBeLessThan(4_096)
  // otherwise nothing was learned
  expect(Math.max(...bytes)).toBeGreaterThan(2_000)
})
