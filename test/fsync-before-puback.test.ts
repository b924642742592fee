import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate, type Packet, parser } from 'mqtt-packet'
import { afterEach, expect, test } from 'vitest'
import { describeWithEngine } from './engines/describe.ts'
import { findEngine } from './engines/find.ts'
import { createJudge, type Judge, nothingLost } from './judge.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

/**
 * A power cut leaves what was fsynced. Whether each PUBACK waited for that is seen from outside, in the order in which the
 * service makes its system calls.
 */

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
let tracing: ChildProcess | undefined
const directories: string[] = []
afterEach(async () => {
  tracing?.kill('SIGTERM')
  await judge?.stop()
  await service?.remove()
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

await describeWithEngine('strace', 'the order of system calls', () => {
  test('each PUBACK is written after an fsync of the journal that began after its packet was read', async () => {
    service = await startService()
    const traceFile = join(await newDirectory(), 'trace')
    tracing = await attachStrace(service.pid, traceFile)
    judge = await createJudge(service, 20) // connects under the trace, so that it is whole
    const load = judge.load(10)
    const current = judge
    await eventually('enough is acknowledged', async () => current.acknowledged() > 250)
    await load.stop()
    await judge.drained()
    const verdict = await judge.verdict(service)
    await judge.stop()
    tracing.kill('SIGTERM')
    await once(tracing, 'exit')

    const { pubacks, tooEarly, fsyncs } = checkOrder(readTrace(await readFile(traceFile, 'latin1')))
    console.log(
      `fsync before PUBACK: ${pubacks} PUBACKs, ${fsyncs} fsyncs of the journal, too early ${tooEarly.length}`,
    )
    expect(tooEarly).toEqual([])
    expect(verdict).toMatchObject(nothingLost)
    expect(pubacks).toBeGreaterThan(200)
    expect(fsyncs).toBeGreaterThan(20)
  })
})

const socket = '7<socket:[11]>'
const log = '9</data/journal/entries/000003.log>'
const connected = reads({ cmd: 'connect', clientId: 'gw-1', protocolId: 'MQTT', protocolVersion: 4, clean: true })
const published = (messageId: number) =>
  reads({ cmd: 'publish', topic: 'a/b', payload: '{}', qos: 1, messageId, dup: false, retain: false })
const acknowledged = (messageId: number) => `1 write(${socket}, "\\x40\\x02\\x00\\x0${messageId}", 4) = 4`

test.each([
  ['no fsync at all', [published(1)]],
  [
    'an fsync that began before the packet was read',
    [`2 fdatasync(${log} <unfinished ...>`, published(1), '2 <... fdatasync resumed>) = 0'],
  ],
  ['an fsync that has not ended', [published(1), `2 fdatasync(${log} <unfinished ...>`]],
  ['an fsync that failed', [published(1), `2 fdatasync(${log}) = -1 EIO (Input/output error)`]],
  ['an fsync of something else', [published(1), '2 fdatasync(8</data/readings.duckdb>) = 0']],
])('a PUBACK after %s would be found', (_, before) => {
  const trace = [connected, ...before, acknowledged(1)].join('\n')

  expect(checkOrder(readTrace(trace))).toMatchObject({ pubacks: 1, tooEarly: [{ messageId: 1 }] })
})

test('a PUBACK that waited for an fsync is well, and one that came with it and was read later is not', () => {
  const trace = [
    connected,
    published(1),
    `2 fdatasync(${log} <unfinished ...>`,
    published(2),
    '2 <... fdatasync resumed>) = 0',
    acknowledged(1),
    acknowledged(2),
  ]

  expect(checkOrder(readTrace(trace.join('\n')))).toMatchObject({ pubacks: 2, tooEarly: [{ messageId: 2 }] })
})

function reads(packet: Packet): string {
  const bytes = generate(packet)
  return `1 read(${socket}, "${bytes.toString('hex').replace(/../g, '\\x$&')}", 65536) = ${bytes.length}`
}

interface Call {
  readonly name: string
  /** Such as `25<socket:[4711]>` or `31</tmp/…/journal/entries/000005.log>`. */
  readonly file: string
  readonly bytes: Buffer
  readonly result: number
  /** Lines of the trace, which strace writes in the order of its stops: the call has not begun before, and has ended after. */
  readonly beganAt: number
  readonly endedAt: number
}

/** Calls in the order of their beginnings. One that has not ended is left out. */
function readTrace(text: string): Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, { beginning: string; beganAt: number }>()
  for (const [index, line] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const begun = / <unfinished \.\.\.>$/.exec(rest)
    if (begun) {
      unfinished.set(thread, { beginning: rest.slice(0, begun.index), beganAt: index })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest)
    const { beginning, beganAt } = (resumed && unfinished.get(thread)) ?? { beginning: '', beganAt: index }
    const whole = beginning + (resumed ? rest.slice(resumed[0].length) : rest)
    const [, name, file, result] = /^(\w+)\((\d+<.*?>)[,)].*= (-?\d+)/.exec(whole) ?? []
    if (name === undefined || file === undefined) continue
    calls.push({
      name,
      file: file.replace(/\\x([0-9a-f]{2})/g, hexToCharacter),
      bytes: bytesIn(whole),
      result: Number(result),
      beganAt,
      endedAt: index,
    })
  }
  return calls.sort((one, other) => one.beganAt - other.beganAt)
}

function hexToCharacter(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

/** All strings of a call, one after the other: those of `writev` are the parts of one write. */
function bytesIn(call: string): Buffer {
  return Buffer.concat(
    [...call.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) =>
      Buffer.from(text.replaceAll('\\x', ''), 'hex'),
    ),
  )
}

/** Follows each connection's packets through the reads and writes of its socket. */
function checkOrder(calls: readonly Call[]) {
  const fsyncs = calls.filter(
    ({ name, file, result }) => /^f(data)?sync$/.test(name) && file.includes('/journal/entries/') && result === 0,
  )
  const tooEarly: { file: string; messageId: number; readAt: number; writtenAt: number }[] = []
  const connections = new Map<string, ReturnType<typeof followConnection> | null>()
  let pubacks = 0

  function followConnection(file: string) {
    const readAt = new Map<number, number>()
    let call: Call | undefined
    const incoming = parser({ protocolVersion: 4 })
    const outgoing = parser({ protocolVersion: 4 })
    incoming.on('packet', ({ cmd, messageId }) => {
      if (cmd === 'publish' && messageId !== undefined && call) readAt.set(messageId, call.endedAt)
    })
    outgoing.on('packet', ({ cmd, messageId }) => {
      if (cmd !== 'puback' || messageId === undefined || !call) return
      pubacks += 1
      const from = readAt.get(messageId) ?? Number.POSITIVE_INFINITY
      const to = call.beganAt
      if (!fsyncs.some(({ beganAt, endedAt }) => beganAt > from && endedAt < to)) {
        tooEarly.push({ file, messageId, readAt: from, writtenAt: to })
      }
    })
    return (next: Call) => {
      call = next
      const direction = isReading(next) ? incoming : outgoing
      direction.parse(next.bytes.subarray(0, next.result))
    }
  }

  for (const call of calls) {
    if (!/^\d+<(socket|TCP)/.test(call.file) || call.result <= 0) continue
    if (!connections.has(call.file)) connections.set(call.file, isConnect(call) ? followConnection(call.file) : null)
    connections.get(call.file)?.(call)
  }
  return { pubacks, tooEarly, fsyncs: fsyncs.length }
}

function isReading({ name }: Call): boolean {
  return name.startsWith('read') || name.startsWith('recv')
}

/** A gateway's first word; the API's and the database's connections begin otherwise. */
function isConnect(call: Call): boolean {
  return isReading(call) && call.bytes[0] === 0x10
}

/** Resolves once strace holds every thread of the process. */
async function attachStrace(pid: number, traceFile: string): Promise<ChildProcess> {
  const engine = await findEngine('strace')
  if (!engine) throw new Error('no strace; put the test into describeWithEngine')
  const calls = 'read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync'
  const options = ['-f', '-y', '-xx', '-s', '70000', '-e', `trace=${calls}`, '-o', traceFile]
  const child = spawn(engine.path, [...options, '-p', String(pid)], {
    env: engine.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await eventually(`strace is attached to ${pid}: ${said}`, async () => {
    if (child.exitCode !== null) throw new Error(said)
    return said.includes('attached')
  })
  return child
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-test-'))
  directories.push(directory)
  return directory
}
