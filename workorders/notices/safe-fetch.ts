import { type LookupAddress, Resolver } from 'node:dns'
import { lookup as lookupBySystem } from 'node:dns/promises'
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { BlockList, connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { secondMs } from '../../core/clock.ts'
import { ExpectedError, isErrno, reasonOf } from '../../core/errors.ts'

/*
 * Requests to addresses that people typed in. What such an address could reach from where we stand (the database, a cloud's
 * metadata, a neighbour's admin page) is closed: OWASP ASVS 5.0 V1.3.6.
 */

export const withinMs = 5 * secondMs
export const maxAnswerBytes = 64 * 1024
/** Without `allowPrivate`; a mail server has ports of its own. */
export const webPorts: readonly number[] = [80, 443]

/** Every address of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export interface Reach {
  /** Loopback and private networks too, and any port: only where an operator said so. */
  readonly allowPrivate: boolean
  readonly resolve?: Resolve
}

export interface SafeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface SafeAnswer {
  readonly status: number
  readonly headers: Readonly<IncomingMessage['headers']>
  /** At most 64 KiB of it; what is more was not read. */
  readonly body: string
}

/** The guard's own refusal: trying again will not help, unless the name gets another address. */
export class ForbiddenAddress extends ExpectedError {
  constructor(message: string) {
    super('invalid', message)
    this.name = 'ForbiddenAddress'
  }
}

/**
 * One request to a guarded address: at most 5 s and 64 KiB, and no redirect is followed.
 * @throws {ForbiddenAddress}
 * @throws {Error} whatever went wrong on the way
 */
export function safeFetch(address: string, request: SafeRequest, reach: Reach): Promise<SafeAnswer> {
  const url = checkUrl(address, reach)
  const { method, headers, body = '' } = request
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const { signal } = request

  return new Promise((resolve, reject) => {
    let sent: ClientRequest | undefined
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      sent?.destroy()
    }, withinMs)
    begin(reach.resolve === undefined && agentOf(url, reach))

    function begin(agent: Agent | false): void {
      try {
        const mine = send(url, {
          method,
          headers: { 'user-agent': 'Liftwatt', ...headers, 'content-length': Buffer.byteLength(body) },
          agent,
          lookup: guardedLookup(reach),
          signal,
        })
        sent = mine
        // one reset may be told twice: by the request, and by its answer
        const fail = (cause: unknown) => sent === mine && failed(mine, cause)
        mine.on('error', fail)
        mine.once('response', (answer) => readAnswer(answer).then(done, fail))
        mine.end(body)
      } catch (cause) {
        end(cause) // a header that cannot be sent
      }
    }

    function failed({ reusedSocket }: ClientRequest, cause: unknown): void {
      sent = undefined
      // the receiver had closed the connection that was kept, before it heard of this request
      const isOver = isLate || signal.aborted
      const wasClosed = isErrno(cause, 'ECONNRESET') || isErrno(cause, 'EPIPE')
      if (reusedSocket && wasClosed && !isOver) begin(false)
      else end(isOver ? new Error(`no answer within ${withinMs / secondMs} s`) : cause)
    }

    function done(answer: SafeAnswer): void {
      sent = undefined
      clearTimeout(timer)
      resolve(answer)
    }

    function end(cause: unknown): void {
      clearTimeout(timer)
      reject(cause)
    }
  })
}

/**
 * Connections are kept for a moment: in a flood most of the work is opening them. What is kept was checked when it was opened, and
 * leads where it led. Where private networks are allowed connections are kept apart, so that nobody else comes in by them.
 */
const kept = { keepAlive: true, timeout: 4 * secondMs, maxFreeSockets: 64, scheduling: 'lifo' } as const
const agents = {
  'http:': { private: new Agent(kept), public: new Agent(kept) },
  'https:': { private: new HttpsAgent(kept), public: new HttpsAgent(kept) },
}

function agentOf({ protocol }: URL, { allowPrivate }: Reach): Agent {
  return agents[protocol === 'https:' ? 'https:' : 'http:'][allowPrivate ? 'private' : 'public']
}

async function readAnswer(answer: IncomingMessage): Promise<SafeAnswer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.length
    if (bytes >= maxAnswerBytes) break // which also closes the connection
  }
  const body = Buffer.concat(parts).subarray(0, maxAnswerBytes).toString()
  return { status: answer.statusCode ?? 0, headers: answer.headers, body }
}

/**
 * What can be said of an address before its name is resolved.
 * @throws {ForbiddenAddress} one sentence for whoever typed it
 */
export function checkUrl(address: string, { allowPrivate }: Pick<Reach, 'allowPrivate'>): URL {
  if (!URL.canParse(address)) throw new ForbiddenAddress('is not a URL')
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ForbiddenAddress('must begin with https:// or http://')
  if (url.username !== '' || url.password !== '') throw new ForbiddenAddress('must not hold a user or password')
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  checkPort(port, webPorts, allowPrivate)
  checkLiteral(hostOf(url), allowPrivate)
  return url
}

/** Checks a URL, and every address that its name has now. @throws {ForbiddenAddress} */
export async function checkReachable(address: string, reach: Reach): Promise<void> {
  const url = checkUrl(address, reach)
  await checkedAddresses(hostOf(url), reach)
}

/** The same for a host and port that are no URL: a mail server. @throws {ForbiddenAddress} */
export async function checkHost(host: string, port: number, ports: readonly number[], reach: Reach): Promise<void> {
  checkPort(port, ports, reach.allowPrivate)
  checkLiteral(host, reach.allowPrivate)
  await checkedAddresses(host, reach)
}

/** A connection to such a host. @throws {ForbiddenAddress} @throws {Error} it cannot be reached */
export function safeConnect(
  target: { host: string; port: number; ports: readonly number[]; signal: AbortSignal },
  reach: Reach,
): Promise<Socket> {
  const { host, port, ports, signal } = target
  checkPort(port, ports, reach.allowPrivate)
  checkLiteral(host, reach.allowPrivate)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: guardedLookup(reach), signal })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/**
 * Resolves a name for a connection, and connects only where every one of its addresses may be reached: what is checked is
 * what is connected to, so a name that turns between two look-ups gains nothing. (For a literal address Node asks no look-up:
 * `checkUrl` and `checkHost` have looked at it.)
 */
export function guardedLookup(reach: Reach): LookupFunction {
  return (host, options, done) => {
    checkedAddresses(host, reach).then(
      (addresses) => {
        const [first] = addresses
        if (options.all) return done(null, [...addresses])
        if (first !== undefined) done(null, first.address, first.family)
      },
      (cause: unknown) => done(cause as Error, ''),
    )
  }
}

async function checkedAddresses(host: string, reach: Reach): Promise<readonly LookupAddress[]> {
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }]
  const { resolve = reach.allowPrivate ? resolveAnywhere : resolveByDns } = reach
  const addresses = await resolve(host).catch((cause: unknown) => {
    throw new Error(`the name ${host} cannot be resolved: ${reasonOf(cause)}`)
  })
  if (addresses.length === 0) throw new Error(`the name ${host} has no address`)
  for (const { address } of addresses) {
    const why = forbidden(address, reach.allowPrivate)
    if (why !== undefined) throw new ForbiddenAddress(`${host} is ${address}: ${why}`)
  }
  return addresses
}

/** URL's own form of an IPv6 address stands in brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function checkPort(port: number, ports: readonly number[], allowPrivate: boolean): void {
  if (allowPrivate || ports.includes(port)) return
  throw new ForbiddenAddress(`port ${port} is not allowed: only ${ports.join(', ')}, unless allowPrivate is set`)
}

function checkLiteral(host: string, allowPrivate: boolean): void {
  const why = isIP(host) === 0 ? undefined : forbidden(host, allowPrivate)
  if (why !== undefined) throw new ForbiddenAddress(`${host}: ${why}`)
}

/** Why no connection may go there; undefined when it may. */
export function forbidden(address: string, allowPrivate: boolean): string | undefined {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (never.check(address, family)) return 'it is a link-local, metadata or reserved address'
  if (privateNetworks.check(address, family)) {
    return allowPrivate ? undefined : 'it is a private address; an operator may set allowPrivate'
  }
  return family === 'ipv6' && !global.check(address, family) && !isMapped(address)
    ? 'it is not a public address'
    : undefined
}

/** Judged by the IPv4 rules, which the lists apply to it themselves. */
function isMapped(address: string): boolean {
  return mapped.check(address, 'ipv6')
}

/**
 * IANA's registries of special-purpose addresses (RFC 6890, as updated): what is nobody's web server in any case, and the
 * addresses at which clouds tell a machine its secrets.
 */
const never = blockList([
  '0.0.0.0/8', // this network
  '169.254.0.0/16', // link-local; 169.254.169.254 is the metadata of most clouds
  '100.100.100.200/32', // metadata of Alibaba Cloud, within the shared range
  '192.0.0.0/24', // IETF; 192.0.0.192 is the metadata of Oracle Cloud
  '192.0.2.0/24', // documentation, as are the next two
  '198.51.100.0/24',
  '203.0.113.0/24',
  '192.88.99.0/24', // 6to4 relays
  '198.18.0.0/15', // benchmarks
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '::/128',
  'fe80::/10', // link-local
  'ff00::/8', // multicast
  'fd00:ec2::254/128', // metadata of Amazon, within the unique local range
  '64:ff9b::/96', // NAT64: an IPv4 address within, whichever
  '64:ff9b:1::/48',
  '2001::/23', // Teredo and other protocols
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address within, whichever
  '3fff::/20', // documentation
])
const privateNetworks = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10', // shared, behind carriers' NAT
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7', // unique local
])
const global = blockList(['2000::/3'])
const mapped = blockList(['::ffff:0:0/96'])

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/**
 * By DNS itself, not by the system's look-up: that one holds a thread of the pool in which the journal is written, for as long
 * as a name server takes.
 */
async function resolveByDns(host: string): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: 2 * secondMs, tries: 2 })
  const asked = ([4, 6] as const).map(
    (family) =>
      new Promise<LookupAddress[]>((resolve, reject) => {
        const done = (error: Error | null, addresses: string[] = []) =>
          error ? reject(error) : resolve(addresses.map((address) => ({ address, family })))
        family === 4 ? resolver.resolve4(host, done) : resolver.resolve6(host, done)
      }),
  )
  const answers = await Promise.allSettled(asked)
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (addresses.length === 0 && failed !== undefined) throw failed.reason
  return addresses
}

/** Names of private networks may stand in the system's hosts file only. */
async function resolveAnywhere(host: string): Promise<LookupAddress[]> {
  return resolveByDns(host).catch(() => lookupBySystem(host, { all: true, verbatim: true }))
}
