import { z } from 'zod'

const Port = z.coerce.number().int().min(0).max(65_535)
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
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe(
      'PostgreSQL 15 or newer, postgres://user:password@host/database; without it, one is run in LIFTWATT_DATA',
    ),
  INFLUX_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('InfluxDB for the history of readings; without it, a DuckDB file in LIFTWATT_DATA'),
  INFLUX_TOKEN: z.string().min(1).optional().describe('Token for InfluxDB'),
  INFLUX_USERNAME: z.string().min(1).optional().describe('User for InfluxDB 1.x'),
  INFLUX_PASSWORD: z.string().min(1).optional().describe('Password for InfluxDB 1.x'),
  INFLUX_DATABASE: z.string().min(1).default('liftwatt').describe('Database in InfluxDB; made when missing'),
  LIFTWATT_ROLES: z
    .string()
    .default(roles.join(','))
    .transform((text) => text.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(roles)).min(1))
    .describe(
      'What this process does; a part of it needs a journal that processes can share, which this version has not',
    ),
  LIFTWATT_OPERATOR_TOKEN: z
    .string()
    .min(32, 'must have at least 32 characters')
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
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('What is logged'),
} as const

const Settings = z.object(settingsShape).superRefine((settings, context) => {
  const wrong = (name: keyof typeof settingsShape, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message })
  if (settings.MQTTS_PORT !== undefined) {
    if (settings.TLS_CERT === undefined) wrong('TLS_CERT', 'is needed for MQTTS_PORT')
    if (settings.TLS_KEY === undefined) wrong('TLS_KEY', 'is needed for MQTTS_PORT')
  }
  const missing = roles.filter((role) => !settings.LIFTWATT_ROLES.includes(role))
  if (missing.length > 0) {
    const text = `without ${missing.join(' and ')} it needs NATS_URL, a journal that processes can share, which this version has not`
    wrong('LIFTWATT_ROLES', text)
  }
})

export type Settings = z.infer<typeof Settings>

/** Looks like one of ours and is not: a typing error that would otherwise go unnoticed. */
const ourPrefixes = /^(LIFTWATT|HTTP|MQTTS?|TLS|INFLUX|GATEWAY|JOURNAL|READINGS|NATS)_/
/** Set by npm, by proxies or by the demo, and no business of ours. */
const notOurs = new Set(['HTTP_PROXY'])

/**
 * Reads the settings, or names everything that is wrong with them at once.
 * @throws {Error} one line per wrong setting
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const unknown = Object.keys(given).filter(
    (name) => ourPrefixes.test(name) && !(name in settingsShape) && !notOurs.has(name),
  )
  const parsed = Settings.safeParse(given)
  const wrong = [
    ...(parsed.error?.issues ?? []).map((issue) => {
      const name = String(issue.path[0])
      return `${name}: ${issue.message}${name in given && !/TOKEN|PASSWORD|URL/.test(name) ? ` (it is "${given[name]}")` : ''}`
    }),
    ...unknown.map((name) => `${name}: there is no such setting`),
  ]
  if (wrong.length > 0 || !parsed.success)
    throw new Error(`Wrong settings:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  return parsed.data
}
