import { expect, test } from 'vitest'
import { elevatorFacts } from './facts.ts'

const read = (registrationCode: string) => elevatorFacts.safeParse({ registrationCode })

test.each([
  ['31103301042019070012', '31103301042019070012'],
  [' 梯11浙A00123(19) ', '梯11浙A00123(19)'],
  ['\u202e2100\u202c', '2100'],
])('the registration code %j is kept as it can be read out', (typed, kept) => {
  expect(read(typed).data).toEqual({ registrationCode: kept })
})

test.each(['   ', '\u200b', '3110\n3301', '3110\u20283301', '31\u200b10', '3'.repeat(65)])(
  '%j is no registration code',
  (typed) => {
    expect(read(typed).success).toBe(false)
  },
)
