import { expect, test } from 'vitest'
import { createOrderLinks } from '../workorders/notices/order-link.ts'
import { createLiftCodes, liftKeyOf } from './lift-codes.ts'

const linksOf = (byte: number) => createOrderLinks({ key: Buffer.alloc(32, byte), publicUrl: undefined })
const codes = createLiftCodes(liftKeyOf(linksOf(1)))

test('a label that was printed once is good at every later start, for its lift alone', () => {
  // hangs in lifts: if this line turns red, every label in the field is void
  expect(codes.codeOf('elv-0042')).toBe('elv-0042.q6pa4sdhdxdv')
  expect(createLiftCodes(liftKeyOf(linksOf(1))).deviceOf(codes.codeOf('elv-0042'))).toBe('elv-0042')
  expect(codes.deviceOf(codes.codeOf('elv-0042').replace('0042', '0043'))).toBeUndefined()
})

test('a code of another service, a cut one, a longer one and any other text is of no lift', () => {
  const code = codes.codeOf('elv-0042')
  const others = createLiftCodes(liftKeyOf(linksOf(2))).codeOf('elv-0042')
  const texts = [
    others,
    code.slice(0, -1),
    `${code}0`,
    `${code}.`,
    `.${code}`,
    code.toUpperCase(),
    'elv-0042',
    '',
    '.',
    '../x.000000000000',
  ]
  expect(texts.map((text) => codes.deviceOf(text))).toEqual(texts.map(() => undefined))
})

test('the codes of neighbours have nothing in common, and every figure of the alphabet is used', () => {
  const tags = Array.from({ length: 2_000 }, (_, index) => codes.codeOf(`elv-${index}`).split('.')[1] ?? '')
  expect(new Set(tags).size).toBe(tags.length)
  const counts = new Map<string, number>()
  for (const figure of tags.join('')) counts.set(figure, (counts.get(figure) ?? 0) + 1)
  expect(counts.size).toBe(32)
  // 24,000 figures, 750 of each: 5 sigma are 135
  for (const count of counts.values()) expect(Math.abs(count - 750)).toBeLessThan(135)
})

test('nobody opens an order with what the key is made of', () => {
  const links = linksOf(1)
  const token = links.sign({
    orderId: '00000000-0000-0000-0000-000000000000',
    scope: 'watch',
    name: 'lift labels',
    teamId: null,
    expiresAt: 0,
  })
  expect(links.read(token, 1)).toBeUndefined()
})
