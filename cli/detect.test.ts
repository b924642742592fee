import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { Command } from 'commander'
import { afterAll, expect, test, vi } from 'vitest'
import { detectCommand, detectLines } from './detect.ts'

const folder = mkdtempSync(join(tmpdir(), 'liftwatt-detect-'))
afterAll(() => rmSync(folder, { recursive: true }))

const from = Date.UTC(2026, 5, 1)

/** Lines in, lines out, and what was complained of. */
async function detected(lines: readonly (object | string)[]) {
  const target = new PassThrough({ highWaterMark: 64 * 1024 * 1024 })
  const complaints: string[] = []
  const input = Readable.from(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`))
  const done = await detectLines(input, target, (text) => complaints.push(text))
  const text = String(target.read() ?? '')
  const found = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return { done, found, complaints }
}

const at = (seconds: number) => from + seconds * 1_000

/** A sample every 10 s, from one second to before another. */
function every10s(seconds: number, until: number, device: string, values: object, extra: object = {}) {
  const count = Math.ceil((until - seconds) / 10)
  return Array.from({ length: count }, (_, i) => ({
    device,
    kind: 'elevator',
    at: at(seconds + i * 10),
    values,
    ...extra,
  }))
}

const trapped = { passengerPresent: true, carSpeedMps: 0, doorZone: false, doorState: 'closed' }
const running = { passengerPresent: true, carSpeedMps: 1.5, doorZone: false, doorState: 'closed' }

test('someone trapped is one line, with the times of the recording and the order that the service would open', async () => {
  const { done, found, complaints } = await detected([
    ...every10s(0, 60, 'e1', running),
    ...every10s(60, 900, 'e1', trapped),
    ...every10s(900, 1_200, 'e1', running),
  ])

  expect(complaints).toEqual([])
  expect(done).toMatchObject({ lines: 120, readings: 120, skipped: 0, faulty: 0, episodes: 1, devices: 1 })
  expect(found).toMatchObject([
    { device: 'e1', finding: 'elevator/entrapment', severity: 'critical', order: 'emergency', upgradedAt: null },
  ])
  expect(found[0].occurredAt).toBe(at(60))
  expect(found[0].detectedAt).toBe(at(90))
  expect(found[0].clearedAt).toBe(at(900))
  expect(found[0].evidence).toBeTypeOf('object')
})

test('a condition that comes back within two minutes is the same episode, later it is another', async () => {
  const hot = (seconds: number, until: number) => every10s(seconds, until, 'e1', { mainsLost: true })
  const well = (seconds: number, until: number) => every10s(seconds, until, 'e1', { mainsLost: false })

  const soon = await detected([...hot(0, 60), ...well(60, 120), ...hot(120, 180), ...well(180, 600)])
  expect(soon.found).toHaveLength(1)
  expect(soon.found[0].clearedAt).toBe(at(180))

  const later = await detected([...hot(0, 60), ...well(60, 300), ...hot(300, 360), ...well(360, 600)])
  expect(later.found.map(({ occurredAt }) => occurredAt)).toEqual([at(0), at(300)])
})

test('one that becomes worse stays one line, with the worse order and when it became so', async () => {
  const { found } = await detected([
    ...every10s(0, 120, 'e1', { motorCelsius: 120 }),
    ...every10s(120, 300, 'e1', { motorCelsius: 140 }),
  ])

  expect(found).toMatchObject([{ severity: 'urgent', order: 'emergency', occurredAt: at(0), clearedAt: null }])
  expect(found[0].detectedAt).toBeLessThanOrEqual(at(40))
  expect(found[0].upgradedAt).toBeGreaterThanOrEqual(at(120))
})

test('facts, gateway and site once are enough, and a fact changes the limit', async () => {
  const cool = every10s(0, 300, 'e1', { motorCelsius: 120 })
  expect((await detected(cool)).found).toHaveLength(1)

  const [first, ...rest] = cool
  const classH = { ...first, facts: { insulationClass: 'H' }, gateway: 'g1', site: 's1' }
  expect((await detected([classH, ...rest])).found).toEqual([])
})

test('a bad line is named by its number and skipped, a bad value takes nothing with it', async () => {
  const good = every10s(0, 60, 'e1', { motorCelsius: 60 })
  const { done, complaints } = await detected([
    ...good,
    '{"device": "e1", "kind":',
    { device: 'e 1', kind: 'elevator', at: at(70), values: { motorCelsius: 60 } },
    { device: 'x1', kind: 'toaster', at: at(70), values: { motorCelsius: 60 } },
    { device: 'e1', at: 'now', values: { motorCelsius: 60 } },
    { device: 'e1', at: at(80), values: { motorCelsius: 6_000, floor: 3 }, facts: { stops: -1, ratedLoadKg: 1_000 } },
    '',
  ])

  expect(done).toMatchObject({ lines: 12, readings: 7, skipped: 4, faulty: 1 })
  expect(complaints.map((text) => text.slice(0, text.indexOf(':')))).toEqual([
    'line 7',
    'line 8',
    'line 9',
    'line 10',
    'line 11',
  ])
  expect(complaints[3]).toContain('bad-time')
  expect(complaints[4]).toContain('$.values.motorCelsius: out-of-range')
  expect(complaints[4]).toContain('$.facts.stops')
})

test('the first line of a device says its kind, and no later line says another', async () => {
  const { done, complaints } = await detected([
    { device: 'e1', at: at(0), values: { floor: 1 } },
    { device: 'e1', kind: 'elevator', at: at(10), values: { floor: 1 } },
    { device: 'e1', kind: 'boat', at: at(20), values: { floor: 2 } },
    { device: 'e1', kind: 'electricity-meter', at: at(30), values: { floor: 2 } },
    { device: 'e1', at: at(40), values: { floor: 3 } },
  ])

  expect(done).toMatchObject({ readings: 2, skipped: 3 })
  expect(complaints).toEqual([
    'line 1: skipped: "kind" is one of elevator, electricity-meter; the first line of e1 has none',
    'line 3: skipped: "kind" is elevator since the first line of e1; this is "boat"',
    'line 4: skipped: "kind" is elevator since the first line of e1; this is "electricity-meter"',
  ])
})

test('of ten thousand bad lines only the first are named, all are counted', async () => {
  const { done, complaints } = await detected(Array.from({ length: 10_000 }, () => 'nonsense'))

  expect(done.skipped).toBe(10_000)
  expect(complaints).toHaveLength(21)
})

test('a silent device is information; behind a silent gateway it sends nobody, and the gateway is named once', async () => {
  const named = { gateway: 'g1' }
  const others = every10s(0, 2 * 86_400, 'm1', { volts: 228 }, { kind: 'electricity-meter', gateway: 'g2' })
  const both = [...every10s(0, 600, 'e1', { floor: 1 }, named), ...every10s(1, 600, 'e2', { floor: 1 }, named)]
  const { found } = await detected([...both, ...others].sort((a, b) => a.at - b.at))

  const silences = found.filter(({ finding }) => finding.endsWith('/silent'))
  expect(silences.filter(({ device }) => device === null)).toMatchObject([
    { gateway: 'g1', finding: 'gateway/silent', severity: 'warning', order: 'planned' },
  ])
  expect(silences.filter(({ order, device }) => device !== null && order !== null)).toEqual([])
})

test('late lines are history: they change nothing', async () => {
  const lines = [...every10s(0, 60, 'e1', running), ...every10s(60, 600, 'e1', trapped)]
  const late = [{ device: 'e1', kind: 'elevator', at: at(5), values: { doorState: 'open', doorZone: true } }]

  expect((await detected([...lines.slice(0, 30), ...late, ...lines.slice(30)])).found).toEqual(
    (await detected(lines)).found,
  )
})

test('the byte order mark that Windows puts first is no part of the first line', async () => {
  const [first, ...rest] = every10s(0, 60, 'e1', running)
  const { done, complaints } = await detected([`\uFEFF${JSON.stringify(first)}`, ...rest])

  expect(complaints).toEqual([])
  expect(done.readings).toBe(6)
})

test('findings go into the file, and what cannot be read or written is said in a sentence', async () => {
  const recording = join(folder, 'readings.ndjson')
  const lines = [...every10s(0, 60, 'e1', running), ...every10s(60, 900, 'e1', trapped)]
  writeFileSync(recording, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const detect = async (...words: string[]) => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    const program = new Command()
    detectCommand(program)
    await program.parseAsync(['detect', ...words], { from: 'user' }).finally(() => silent.mockRestore())
  }

  const out = join(folder, 'findings.ndjson')
  await detect(recording, '--out', out)
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ finding: 'elevator/entrapment' })

  const nowhere = join(folder, 'none', 'x')
  await expect(detect(recording, '--out', nowhere)).rejects.toThrow(`${nowhere} cannot be written: ENOENT`)
  await expect(detect(recording, '--out', '/dev/full')).rejects.toThrow('/dev/full cannot be written: ENOSPC')
  await expect(detect(folder)).rejects.toThrow(`${folder} cannot be read: EISDIR`)

  writeFileSync(recording, 'time,volts\n1780000000000,229\n')
  await expect(detect(recording, '--out', out)).rejects.toThrow(`No line of ${recording} could be used`)
  writeFileSync(recording, '\n')
  await expect(detect(recording, '--out', out)).rejects.toThrow(`No line of ${recording} could be used`)
})
