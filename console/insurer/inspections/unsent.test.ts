import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { InspectionDetail } from '../wire-records.ts'
import { type UnsentSheet, unsentOf, withUnsent } from './unsent.ts'

const kept = new Map<string, string>()
const sent: { key: string | null; item: string; result: string }[] = []
let answer: () => Response | Promise<never> = () => new Response('{}')

beforeEach(() => {
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
    removeItem: (name: string) => void kept.delete(name),
  })
  vi.stubGlobal('fetch', async (_: string, { headers, body }: RequestInit) => {
    const [finding] = JSON.parse(String(body)).findings
    sent.push({ key: new Headers(headers).get('idempotency-key'), item: finding.item, result: finding.result })
    return answer()
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  sent.length = 0
  kept.clear()
  answer = () => new Response('{}')
})

const noLink = () => Promise.reject(new TypeError('no link'))
const refused = (status: number, code: string) => () => new Response(JSON.stringify({ code, detail: 'no' }), { status })
const ok = { result: 'ok', defects: 0, note: null } as const
const readAnew = async () => true
const refusedOf = ({ refusal }: UnsentSheet) => (refusal.value === null ? [] : [refusal.value.refused])
const said = (account: string) => unsentOf(account, 'i-1').items.value.map(({ finding }) => finding.item)

test('without a link it stays on the phone, also after a reload, and goes under the same key when there is one', async () => {
  answer = noLink
  const sheet = unsentOf('shen', 'i-1')
  sheet.say({ item: 'brake', ...ok })
  sheet.say({ item: 'door', ...ok })
  await sheet.send(readAnew)
  expect([said('shen'), sent.map(({ item }) => item)]).toEqual([['brake', 'door'], ['brake']])

  vi.resetModules()
  const reloaded = (await import('./unsent.ts')).unsentOf('shen', 'i-1')
  expect(reloaded.items.value).toHaveLength(2)
  answer = () => new Response('{}')
  await reloaded.send(readAnew)
  expect(sent.map(({ item }) => item)).toEqual(['brake', 'brake', 'door'])
  expect(new Set(sent.map(({ key }) => key)).size).toBe(2)
  expect([reloaded.items.value, [...kept]]).toEqual([[], []])
})

test('what was said last of an item is sent, and nothing of it is sent by somebody else', async () => {
  answer = noLink
  const sheet = unsentOf('li', 'i-1')
  sheet.say({ item: 'brake', ...ok })
  await sheet.send(readAnew)
  sheet.say({ item: 'brake', result: 'defect', defects: 1, note: null })
  expect(said('other')).toEqual([])
  answer = () => new Response('{}')
  await sheet.send(readAnew)
  expect(sent.map(({ result }) => result)).toEqual(['ok', 'defect'])
  expect(sent[0]?.key).not.toBe(sent[1]?.key)
})

test('what the service has stands until the inspection was read anew, and is not sent again', async () => {
  const sheet = unsentOf('wu', 'i-1')
  sheet.say({ item: 'brake', ...ok })
  await sheet.send(async () => false)
  expect(said('wu')).toEqual(['brake'])
  await sheet.send(readAnew)
  expect([said('wu'), sent.length]).toEqual([[], 1])
})

test.each([
  ['unavailable', 503],
  ['too-many-requests', 429],
  ['request-timeout', 408],
  ['unauthenticated', 401],
])('%s is no refusal: it is sent another time', async (code, status) => {
  answer = refused(status, code)
  const sheet = unsentOf(code, 'i-1')
  sheet.say({ item: 'brake', ...ok })
  await sheet.send(readAnew)
  expect([sheet.refusal.value, said(code)]).toEqual([null, ['brake']])
})

test('what is refused stays with its reason until somebody tries again or gives it up', async () => {
  answer = refused(409, 'already-done')
  const sheet = unsentOf('yu', 'i-1')
  sheet.say({ item: 'brake', ...ok })
  sheet.say({ item: 'door', ...ok })
  await sheet.send(readAnew)
  await sheet.send(readAnew)
  expect([sheet.refusal.value?.cause.code, said('yu'), sent.length]).toEqual(['already-done', ['brake', 'door'], 1])
  sheet.tryAgain()
  await sheet.send(readAnew)
  expect(sent).toHaveLength(2)
  sheet.giveUp(refusedOf(sheet))
  answer = () => new Response('{}')
  await sheet.send(readAnew)
  expect([said('yu'), sent.at(-1)?.item]).toEqual([[], 'door'])
})

test('what is said anew of a refused item takes its place, and nothing else is given up for it', async () => {
  answer = refused(400, 'invalid')
  const sheet = unsentOf('zhou', 'i-1')
  let read = 0
  sheet.say({ item: 'brake', ...ok })
  sheet.say({ item: 'door', ...ok })
  await sheet.send(async () => ++read > 0)
  expect(read).toBe(1) // somebody may have ended the inspection
  const before = refusedOf(sheet)
  expect(before.map(({ finding }) => finding.item)).toEqual(['brake'])
  sheet.say({ item: 'brake', result: 'defect', defects: 1, note: null })
  expect(sheet.refusal.value).toBeNull()
  sheet.giveUp(before)
  expect(said('zhou')).toEqual(['door', 'brake'])
})

test('what is refused after it was said anew stops nothing', async () => {
  const sheet = unsentOf('he', 'i-1')
  answer = () => {
    answer = () => new Response('{}')
    sheet.say({ item: 'brake', result: 'defect', defects: 1, note: null })
    return refused(400, 'invalid')()
  }
  sheet.say({ item: 'brake', ...ok })
  await sheet.send(readAnew)
  expect([sheet.refusal.value, said('he'), sent.map(({ result }) => result)]).toEqual([null, [], ['ok', 'defect']])
})

test('the sheet shows what was said last, sent or not', () => {
  const before = [
    { item: 'brake', ...ok },
    { item: 'pit', ...ok },
  ]
  const finding = { item: 'brake', result: 'defect', defects: 2, note: 'worn' } as const
  const { findings } = withUnsent({ findings: before } as unknown as InspectionDetail, [
    { key: 'k', finding, isTaken: false },
  ])
  expect(findings).toEqual([{ item: 'pit', ...ok }, finding])
})

test('what is said in two tabs is kept by both, and where nothing can be kept a tab knows its own', async () => {
  answer = noLink
  const one = unsentOf('xu', 'i-1')
  one.say({ item: 'brake', result: 'defect', defects: 1, note: null })
  vi.resetModules()
  const other = (await import('./unsent.ts')).unsentOf('xu', 'i-1')
  one.say({ item: 'pit', ...ok })
  other.say({ item: 'door', ...ok })
  const items = ({ items }: UnsentSheet) => items.value.map(({ finding }) => finding.item)
  expect(items(other)).toEqual(['brake', 'pit', 'door'])
  answer = () => new Response('{}')
  await one.send(readAnew)
  expect(sent.map(({ item }) => item)).toEqual(['brake', 'pit', 'door'])
  await other.send(readAnew)
  expect([sent.length, items(one), items(other)]).toEqual([3, [], []])

  vi.stubGlobal('localStorage', undefined)
  one.say({ item: 'brake', ...ok })
  one.say({ item: 'pit', ...ok })
  expect(items(one)).toEqual(['brake', 'pit'])
})
