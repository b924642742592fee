import { expect, test } from 'vitest'
import type { AskedIndex } from '../estate-index.ts'
import { gatherSafety } from './safety.ts'

const to = Date.UTC(2026, 10, 30, 16)
const now = to + 3_600_000
const report = { from: to - 30 * 86_400_000, to, filter: {}, sight: 'everything' } as const

const room = {
  ...{ siteId: 'room', name: 'Room 301', open: 0, attended: 2, ended: 2, selfCorrected: 1, leakage: null },
  ...{ deviceId: 'meter-301', findings: { 'electricity-meter/arc': 1 } },
}

/** What is asked for, and what comes of it. */
async function gatherAsOf(asOf: number | null) {
  const asked: AskedIndex[] = []
  const known: number[] = []
  const sources = {
    operations: {
      roomTroubles: async (_query: unknown, _period: unknown, at: number) => {
        known.push(at)
        return [room]
      },
    },
    indices: {
      ofMonth: async (question: AskedIndex) => {
        asked.push(question)
        return []
      },
    },
  }
  return { asked, known, safety: await gatherSafety(sources, { ...report, asOf }, now) }
}

test('the index of a report as known now comes from what is counted already, not from all records anew', async () => {
  const { asked, known } = await gatherAsOf(null)
  expect(asked).toEqual([{ sight: 'everything', month: '2026-11' }])
  expect(known).toEqual([now])
  const before = await gatherAsOf(to - 1)
  expect(before.asked).toEqual([{ sight: 'everything', month: '2026-11', asOf: to - 1 }])
  expect(before.known).toEqual([to - 1])
})

test('a report says in how many rooms something was found, and not in which', async () => {
  const { safety } = await gatherAsOf(null)
  expect(safety?.rooms).toMatchObject({ withFindings: 1, attended: 2, ended: 2, selfCorrected: 1 })
  expect(JSON.stringify(safety)).not.toMatch(/301/)
})
