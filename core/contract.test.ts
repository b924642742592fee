import { expect, test } from 'vitest'
import { seededRandom } from '../simulators/random.ts'
import { endOf, overlap, type PartyPeriod, partiesFrom } from './contract.ts'

const said = (teamId: string, validFrom: number, validUntil: number | null = null): PartyPeriod => ({
  ...{ teamId, validFrom, validUntil },
  contractId: null,
})
const by = (teamId: string, validFrom: number, validUntil: number | null = null) => ({
  ...{ teamId, validFrom, validUntil },
  contractId: `of ${teamId}`,
})
const told = (periods: readonly PartyPeriod[]) =>
  periods.map(({ teamId, validFrom, validUntil }) => `${teamId} ${validFrom}–${validUntil ?? ''}`)

test.each<[string, PartyPeriod[], ReturnType<typeof by>[], number, string[]]>([
  ['nothing', [], [], 50, []],
  ['what was said, without contracts', [said('otis', 10)], [], 50, ['otis 10–']],
  [
    'a contract ends what was said where it begins',
    [said('otis', 10)],
    [by('kone', 30)],
    50,
    ['otis 10–30', 'kone 30–'],
  ],
  ['one that lies ahead is not there yet', [said('otis', 10)], [by('kone', 60)], 50, ['otis 10–']],
  ['an end that lies ahead is none yet', [], [by('kone', 30, 60)], 50, ['kone 30–']],
  ['an end that has come', [], [by('kone', 30, 50)], 50, ['kone 30–50']],
  ['after a contract nobody is left over', [said('otis', 10)], [by('kone', 30, 40)], 50, ['otis 10–30', 'kone 30–40']],
  ['one that was written down later', [said('otis', 20)], [by('kone', 5, 10)], 50, ['kone 5–10', 'otis 20–']],
  ['said while a contract held', [said('otis', 35)], [by('kone', 30, 40)], 50, ['kone 30–40', 'otis 40–']],
  ['said and over while a contract held', [said('otis', 32, 38)], [by('kone', 30, 40)], 50, ['kone 30–40']],
  ['said for good after it', [said('otis', 45)], [by('kone', 30, 40)], 50, ['kone 30–40', 'otis 45–']],
  [
    'one contract follows another',
    [said('otis', 0)],
    [by('kone', 30), by('tk', 10, 30)],
    50,
    ['otis 0–10', 'tk 10–30', 'kone 30–'],
  ],
])('parties follow from contracts: %s', (_, manual, contracts, now, expected) => {
  expect(told(partiesFrom(manual, contracts, now))).toEqual(expected)
})

test('the end of a period does not belong to it', () => {
  expect(overlap({ validFrom: 0, validUntil: 10 }, { validFrom: 10, validUntil: null })).toBe(false)
  expect(overlap({ validFrom: 0, validUntil: 11 }, { validFrom: 10, validUntil: null })).toBe(true)
  expect(overlap({ validFrom: 0, validUntil: null }, { validFrom: 10, validUntil: 11 })).toBe(true)
})

test('moment by moment: a contract where there is one, else what was said last, unless a contract began since', () => {
  const random = seededRandom(20_261_130)
  const upTo = (most: number) => Math.floor(random() * most)
  /** One after the other, some with gaps, the last one perhaps open. */
  const periods = (count: number, name: string) => {
    let at = upTo(20)
    return Array.from({ length: count }, (_, index) => {
      const validFrom = at
      at += 1 + upTo(25)
      const validUntil = index === count - 1 && random() < 0.5 ? null : at
      at += upTo(2) * upTo(15)
      return { teamId: `${name}${index}`, validFrom, validUntil }
    })
  }
  for (let round = 0; round < 500; round += 1) {
    const manual = periods(upTo(4), 'said').map((one) => ({ ...one, contractId: null }))
    const contracts = periods(upTo(4), 'by').map((one) => ({ ...one, contractId: one.teamId }))
    const now = upTo(120)
    const holds = (at: number) => (one: PartyPeriod) => one.validFrom <= at && endOf(one) > at
    const expected = (at: number) => {
      const contract = contracts.find(holds(at))
      if (contract !== undefined) return contract.teamId
      const one = manual.find(holds(at))
      const began = contracts.some(({ validFrom }) => one !== undefined && validFrom > one.validFrom && validFrom <= at)
      return began ? undefined : one?.teamId
    }
    const found = partiesFrom(manual, contracts, now)
    const moments = Array.from({ length: now + 1 }, (_, at) => at)
    const at = (moment: number) => found.filter(holds(moment)).map(({ teamId }) => teamId)
    expect([round, moments.map(at)]).toEqual([round, moments.map((moment) => [expected(moment) ?? []].flat())])
  }
})
