import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkReachable, forbidden, maxAnswerBytes, type Reach, safeFetch } from './safe-fetch.ts'

const publicOnly: Reach = { allowPrivate: false, resolve: async () => [{ address: '93.184.216.34', family: 4 }] }

/** A server of this machine, and every request that reached it. */
async function serve(listener: RequestListener) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { requests, port: (server.address() as AddressInfo).port }
}

function get(url: string, reach: Reach, withinMs = 10_000) {
  return safeFetch(url, { method: 'GET', signal: AbortSignal.timeout(withinMs) }, reach)
}

const inside = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f.0.0.1/',
  'http://2130706433/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://100.100.100.200/latest/meta-data/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fc00::1]/',
  'http://[ff02::1]/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
]
const notOurs = [
  'file:///etc/passwd',
  'ftp://a.example/',
  'gopher://a.example/',
  'javascript:1',
  'not a url',
  'https://u:p@a.example/',
]
const otherPorts = [
  'http://a.example:5432/',
  'https://a.example:8443/',
  'http://a.example:22/',
  'http://a.example:6379/',
]

test.each([...inside, ...notOurs, ...otherPorts])(
  '%s is refused when it is saved, and when it is sent to',
  async (url) => {
    await expect(checkReachable(url, publicOnly)).rejects.toMatchObject({ name: 'ForbiddenAddress' })
    await expect((async () => get(url, publicOnly))()).rejects.toMatchObject({ name: 'ForbiddenAddress' })
  },
)

test.each([
  'https://hooks.example/x?y=1',
  'http://hooks.example:80/',
  'https://hooks.example:443/',
  'https://93.184.216.34/',
])('%s may be saved', async (url) => {
  await expect(checkReachable(url, publicOnly)).resolves.toBeUndefined()
})

test.each([
  ['one of its addresses', ['93.184.216.34', '127.0.0.1']],
  ['its only one', ['10.0.0.5']],
  ['one of IPv6', ['2606:2800:220:1:248:1893:25c8:1946', '::ffff:192.168.0.1']],
])('a name is refused when %s is inside', async (_, addresses) => {
  const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const reach = { allowPrivate: false, resolve }
  await expect(checkReachable('https://hooks.example/', reach)).rejects.toMatchObject({ name: 'ForbiddenAddress' })
  await expect(get('https://hooks.example/', reach)).rejects.toMatchObject({ name: 'ForbiddenAddress' })
})

test('a name that turns to this machine after it was checked reaches nothing', async () => {
  const { requests } = await serve((_request, response) => response.end('secret'))
  let lookUps = 0
  const resolve = async () => [{ address: lookUps++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }]
  await checkReachable('http://turning.example/', { allowPrivate: false, resolve })
  await expect(get('http://turning.example/', { allowPrivate: false, resolve })).rejects.toMatchObject({
    name: 'ForbiddenAddress',
  })
  expect(lookUps).toBe(2)
  expect(requests).toEqual([])
})

test('a connection goes to the address that was checked: the name is asked once', async () => {
  const { requests, port } = await serve((_request, response) => response.end('here'))
  let lookUps = 0
  const resolve = async () => [{ address: lookUps++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
  expect(await get(`http://own.example:${port}/x`, { allowPrivate: true, resolve })).toMatchObject({
    status: 200,
    body: 'here',
  })
  expect([requests, lookUps]).toEqual([['GET /x'], 1])
})

test('a redirect is answered as it is, and not followed', async () => {
  const target = await serve((_request, response) => response.end('secret'))
  const { port } = await serve((_request, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${target.port}/latest/meta-data/` }).end(),
  )
  expect(await get(`http://127.0.0.1:${port}/`, { allowPrivate: true })).toMatchObject({ status: 302 })
  expect(target.requests).toEqual([])
})

test('of an endless answer 64 KiB are read, and the connection is closed', async () => {
  let written = 0
  let isClosed = false
  const { port } = await serve((_request, response) => {
    response.on('close', () => {
      isClosed = true
    })
    const more = () => {
      while (!response.destroyed && written < 512 * 1024 ** 2) {
        written += 16_384
        if (!response.write(Buffer.alloc(16_384, 'x'))) return response.once('drain', more)
      }
    }
    more()
  })
  const { body } = await get(`http://127.0.0.1:${port}/`, { allowPrivate: true })
  expect(body).toHaveLength(maxAnswerBytes)
  await expect.poll(() => isClosed).toBe(true)
  expect(written).toBeLessThan(32 * 1024 ** 2)
})

test.each([
  ['says nothing', () => {}],
  ['trickles', (response: { write(text: string): unknown }) => void setInterval(() => response.write('x'), 50).unref()],
])('one that %s is let go of when its time is over', async (_, behave) => {
  const { port } = await serve((_request, response) => behave(response))
  await expect(get(`http://127.0.0.1:${port}/`, { allowPrivate: true }, 300)).rejects.toThrow(/no answer/)
})

test('what an operator allows is private networks, never metadata or what is no host at all', () => {
  for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '::1', 'fd12::1', '::ffff:10.0.0.1']) {
    expect(forbidden(address, true)).toBeUndefined()
    expect(forbidden(address, false)).toMatch(/private/)
  }
  for (const address of [
    '169.254.169.254',
    '100.100.100.200',
    'fd00:ec2::254',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '::ffff:169.254.169.254',
  ]) {
    expect(forbidden(address, true)).toMatch(/metadata/)
  }
  for (const address of ['8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8']) {
    expect(forbidden(address, false)).toBeUndefined()
  }
})

test('two requests one after the other go over one connection, and one that the receiver has closed meanwhile is opened again', async () => {
  const sockets = new Set<unknown>()
  let breaks = false
  const { requests, port } = await serve((request, response) => {
    const isKnown = sockets.has(request.socket)
    sockets.add(request.socket)
    if (breaks && isKnown) return request.socket.resetAndDestroy()
    response.writeHead(200).end('ok')
  })
  const reach: Reach = { allowPrivate: true }
  for (let n = 0; n < 2; n++) expect((await get(`http://127.0.0.1:${port}/`, reach)).body).toBe('ok')
  expect(sockets.size).toBe(1)

  breaks = true
  expect((await get(`http://127.0.0.1:${port}/`, reach)).body).toBe('ok')
  expect([sockets.size, requests.length]).toEqual([2, 4])
})

test('a connection that is reset in the middle of an answer is opened again once, and that answer is waited for', async () => {
  const known = new Set<unknown>()
  const { requests, port } = await serve((request, response) => {
    const isKnown = known.has(request.socket)
    known.add(request.socket)
    if (isKnown) {
      response.writeHead(200, { 'content-length': 100 }).write('half of it')
      setTimeout(() => request.socket.resetAndDestroy(), 50)
    } else setTimeout(() => response.end('ok'), 50)
  })
  for (let n = 0; n < 2; n++) expect((await get(`http://127.0.0.1:${port}/`, { allowPrivate: true })).body).toBe('ok')
  expect(requests).toHaveLength(3)
})

test('a request that cannot even begin is an error of its own, and leaves nothing behind that would go off later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const signal = new AbortController().signal
  const request = { method: 'GET', headers: { 'x-text': 'two\nlines' }, signal } as const
  await expect(safeFetch('http://127.0.0.1:9/', request, { allowPrivate: true })).rejects.toThrow(/header/)
  expect(vi.getTimerCount()).toBe(0)
})
