import { z } from 'zod'
import { inPlainWords } from './issue-words.ts'

const Port = z.coerce.number().int().min(0).max(65_535)
const WebAddress = (example: string) =>
  z.url({ protocol: /^https?$/, error: `must begin with http:// or https://, such as ${example}` })
const influxDatabase = 'liftwatt'
const roles = ['broker', 'ingest', 'analytics', 'api'] as const

/** Every setting: from the environment only. The text of `describe` is what `npm run config` and `.env.example` say. */
export const settingsShape = {
  LIFTWATT_DATA: z
    .string()
    .min(1)
    .default('./data')
    .describe('Where everything is kept: journal, history, database, secrets'),
  HTTP_HOST: z.string().min(1).default('127.0.0.1').describe('Address of the API; 0.0.0.0 for all'),
  HTTP_PORT: Port.default(8080).describe('Port of the API'),
  MQTT_HOST: z.string().min(1).default('0.0.0.0').describe('Address of the MQTT door for gateways'),
  MQTT_PORT: Port.default(1883).describe('Port of the MQTT door'),
  MQTTS_PORT: Port.optional().describe('Port of the MQTT door over TLS; needs TLS_CERT and TLS_KEY'),
  TLS_CERT: z.string().min(1).optional().describe('PEM file of the certificate, with its chain'),
  TLS_KEY: z.string().min(1).optional().describe('PEM file of the private key'),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'must begin with postgres:// or postgresql://, such as postgres://user:password@host:5432/database',
    })
    .optional()
    .describe(
      'PostgreSQL 15 or newer, postgres://user:password@host/database; without it, one is run in LIFTWATT_DATA',
    ),
  INFLUX_URL: WebAddress('http://host:8086')
    .refine(isAddressOnly, {
      message:
        'is only the address, such as http://host:8086; user and password go into INFLUX_USERNAME and INFLUX_PASSWORD',
    })
    .optional()
    .describe('InfluxDB for the history of readings; without it, a DuckDB file in LIFTWATT_DATA'),
  INFLUX_TOKEN: z.string().min(1).optional().describe('Token for InfluxDB'),
  INFLUX_USERNAME: z.string().min(1).optional().describe('User for InfluxDB 1.x'),
  INFLUX_PASSWORD: z.string().min(1).optional().describe('Password for InfluxDB 1.x'),
  INFLUX_DATABASE: z.string().min(1).default(influxDatabase).describe('Database in InfluxDB; made when missing'),
  LIFTWATT_ROLES: z
    .string()
    .default(roles.join(','))
    .transform((text) => text.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(roles)).min(1))
    .describe('What this process does: in this version always all of it, so leave it as it is'),
  LIFTWATT_OPERATOR_TOKEN: z
    .string()
    .min(32, 'must have at least 32 characters')
    .regex(/^[\x21-\x7e]*$/, 'must be of ASCII letters, digits and signs, without blanks: it is sent in a header')
    .optional()
    .describe('API token of the operator; without it, one is made and kept in LIFTWATT_DATA/operator-token'),
  JOURNAL_MAX_DAYS: z.coerce
    .number()
    .positive()
    .default(7)
    .describe('Journal entries that everyone has read go after so many days'),
  JOURNAL_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_000_000)
    .default(20 * 1024 ** 3)
    .describe('or when the journal is larger than so many bytes'),
  READINGS_MAX_AGE_DAYS: z.coerce.number().positive().default(400).describe('Readings older than this are quarantined'),
  GATEWAY_MAX_MESSAGES_PER_SECOND: z.coerce
    .number()
    .positive()
    .default(1000)
    .describe('Beyond it, a gateway is read more slowly'),
  GATEWAY_MAX_BYTES_PER_SECOND: z.coerce
    .number()
    .positive()
    .default(1024 * 1024)
    .describe('the same for bytes'),
  API_MAX_REQUESTS_PER_SECOND: z.coerce
    .number()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe(
      'Of one account in the long run, and ten times that at once; the operator token, and all from one address together, may ask ten times as much',
    ),
  PUBLIC_URL: WebAddress('https://liftwatt.example.org')
    .refine(isAddressOnly, { message: 'is only the address, such as https://liftwatt.example.org' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Address at which people reach this service: notices hold links to it, and none without it'),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((one) => one.trim() || []))
    .pipe(z.array(z.string().refine(isNetwork, { message: 'must be addresses or networks (10.0.0.0/8), by commas' })))
    .describe('Reverse proxies whose X-Forwarded-For tells the address of who asks, as addresses or CIDR, by commas'),
  OIDC_ISSUER: WebAddress('https://id.example.org/realms/city')
    .refine(isAddressOnly, { message: 'is only the address, such as https://id.example.org/realms/city' })
    .refine(isSafe, { message: 'must be https: what proves who somebody is comes from there' })
    .optional()
    .describe(
      'OpenID Connect provider at which people may sign in too; needs OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and PUBLIC_URL',
    ),
  OIDC_CLIENT_ID: z.string().min(1).optional().describe('As what Liftwatt is known there'),
  OIDC_CLIENT_SECRET: z.string().min(1).optional().describe('and by what it proves it'),
  SESSION_IDLE_HOURS: z.coerce
    .number()
    .positive()
    .default(12)
    .describe('A browser that asks for nothing for so long has to sign in again; an open live page asks'),
  SESSION_MAX_HOURS: z.coerce
    .number()
    .positive()
    .max(400 * 24)
    .default(7 * 24)
    .describe('and so does any other after so long'),
  HEARTBEAT_URL: WebAddress('https://hc.example.org/ping/liftwatt')
    .optional()
    .describe(
      'Called every minute while all is well: somebody outside learns when it is not, or when Liftwatt is dead',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('What is logged'),
} as const

const Settings = z.object(settingsShape)
export type Settings = z.infer<typeof Settings>

type Given = Readonly<Record<string, string | undefined>>

/** Of the contract, but not built yet. Taken without a word, someone would rely on them. */
const notYet: Given = {
  NATS_URL: 'this version does not have it yet: it has no journal that processes can share, and runs as one process',
}

/** What starts like this is ours alone: an unknown one is a typing error that would otherwise go unnoticed. */
const ourPrefixes = /^(LIFTWATT|GATEWAY|JOURNAL|READINGS|OIDC)_/
/** Kubernetes sets these in every container, for each Service of the namespace, whatever its name. */
const fromKubernetes = /_SERVICE_HOST$|_SERVICE_PORT|_PORT(_|$)/

/**
 * Reads the settings, or names everything that is wrong with them at once. A blank value is as good as none.
 * @throws {Error} one line per wrong setting; secrets are not repeated
 */
export function readSettings(environment: Given): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))
  const parsed = Settings.safeParse(given, { error: inPlainWords })
  const wrong = [
    ...(parsed.error?.issues ?? []).map((issue) => {
      const name = String(issue.path[0])
      return `${name}: ${issue.message}${name in given && !/TOKEN|PASSWORD|SECRET|URL|ISSUER/.test(name) ? `, this is "${given[name]}"` : ''}`
    }),
    ...wrongTogether(given),
    ...Object.keys(given).flatMap(unknownSetting),
  ]
  if (wrong.length > 0 || !parsed.success)
    throw new Error(`Wrong settings:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  return parsed.data
}

/** What one setting asks of another. On the values as given: zod looks across fields only once each of them is right. */
function wrongTogether(given: Given): string[] {
  const asked = settingsShape.LIFTWATT_ROLES.safeParse(given.LIFTWATT_ROLES).data ?? roles
  const missing = roles.filter((role) => !asked.includes(role))
  return [
    ...missingOf(given, forTls, forTls).map((name) => `${name}: is needed for the MQTT door over TLS`),
    ...missingOf(given, forOidc, [...forOidc, 'PUBLIC_URL']).map(
      (name) => `${name}: is needed to sign in by OpenID Connect`,
    ),
    ...missingForInflux(given),
    ...samePorts(given),
    ...(missing.length > 0
      ? [
          `LIFTWATT_ROLES: one process does everything in this version; without ${missing.join(' and ')} it cannot run, so leave it out or set ${roles.join(',')}`,
        ]
      : []),
  ]
}

const forTls = ['MQTTS_PORT', 'TLS_CERT', 'TLS_KEY']
const forOidc = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']

/** Those of `needed` that are not given, if any of `asking` is. */
function missingOf(given: Given, asking: readonly string[], needed: readonly string[]): string[] {
  return asking.some((name) => name in given) ? needed.filter((name) => !(name in given)) : []
}

function missingForInflux(given: Given): string[] {
  const asking = [
    ...['INFLUX_TOKEN', 'INFLUX_USERNAME', 'INFLUX_PASSWORD'].filter((name) => name in given),
    ...((given.INFLUX_DATABASE ?? influxDatabase) === influxDatabase ? [] : ['INFLUX_DATABASE']),
  ]
  if (asking.length === 0 || 'INFLUX_URL' in given) return []
  return [`INFLUX_URL: is needed for ${asking.join(' and ')}; without it, the history goes into a DuckDB file`]
}

/** Doors that would be at one port of the same address; port 0 is any that is free. */
function samePorts(given: Given): string[] {
  const defaults = Settings.parse({})
  const doorOf = (hostName: 'HTTP_HOST' | 'MQTT_HOST', name: 'HTTP_PORT' | 'MQTT_PORT' | 'MQTTS_PORT') => ({
    name,
    host: given[hostName] ?? defaults[hostName],
    port: Number(given[name] ?? defaults[name]),
  })
  const doors = [doorOf('HTTP_HOST', 'HTTP_PORT'), doorOf('MQTT_HOST', 'MQTT_PORT'), doorOf('MQTT_HOST', 'MQTTS_PORT')]
  return doors.flatMap((door, index) => {
    const before = doors.slice(0, index).find(({ host, port }) => port === door.port && overlap(host, door.host))
    return before && door.port > 0
      ? [`${door.name}: must be another port than ${before.name}, both are ${door.port}`]
      : []
  })
}

/** Whether the same port of both cannot be opened: they are one address, or one of them is all addresses. */
function overlap(one: string, other: string): boolean {
  const isAllOf = (all: string, host: string) => all === '::' || (all === '0.0.0.0' && !host.includes(':'))
  return one === other || isAllOf(one, other) || isAllOf(other, one)
}

function unknownSetting(name: string): string[] {
  if (notYet[name] !== undefined) return [`${name}: ${notYet[name]}`]
  if (name in settingsShape || fromKubernetes.test(name)) return []
  const meant = Object.keys(settingsShape).find((known) => isOneSlipFrom(known, name))
  if (meant !== undefined) return [`${name}: there is no such setting; is ${meant} meant?`]
  return ourPrefixes.test(name) ? [`${name}: there is no such setting`] : []
}

/** One letter too many, missing or wrong, or two neighbours swapped. */
function isOneSlipFrom(known: string, name: string): boolean {
  let from = 0
  while (from < known.length && known[from] === name[from]) from += 1
  const rest = known.slice(from)
  const given = name.slice(from)
  return (
    given.slice(1) === rest ||
    given === rest.slice(1) ||
    given.slice(1) === rest.slice(1) ||
    (given[0] === rest[1] && given[1] === rest[0] && given.slice(2) === rest.slice(2))
  )
}

/** No user, password or query (`?u=&p=` of InfluxDB 1.x): an address is logged, and requests append their path to it. */
function isAddressOnly(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, search, hash } = new URL(url)
  return username + password + search + hash === ''
}

/** An address or CIDR; not the network of everybody, who would all be believed. */
function isNetwork(text: string): boolean {
  if (text.endsWith('/0')) return false
  return [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()].some((one) => one.safeParse(text).success)
}

/** Over TLS, or on this very machine. */
function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
