import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readSettings, settingsShape } from '../core/settings.ts'
import { freePort } from './free-port.ts'
import { eventually } from './service.ts'

// No container engine runs here. So the files are checked against each other and against the code, and the Dockerfile's own
// commands are run on this machine, in a folder that has nothing but what its COPY lines put there.

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** The part of the Compose specification that we use: a key that is not in here has not been thought about. */
const Port = z.string().regex(/^\$\{[A-Z_]+:-127\.0\.0\.1:\d+\}:\d+$/, 'on this machine alone, unless .env says more')
const Healthcheck = z.strictObject({
  test: z.array(z.string()).refine(([first, second]) => first === 'CMD' && second !== undefined),
  interval: z.string().regex(/^\d+s$/),
  timeout: z.string().regex(/^\d+s$/),
  retries: z.int().min(1),
})
const Service = z
  .strictObject({
    build: z.literal('.').optional(),
    image: z.string().regex(/^[a-z/-]+:[\w.-]+$/, 'a name and a version'),
    init: z.boolean().optional(),
    restart: z.literal('unless-stopped'),
    stop_signal: z.enum(['SIGINT', 'SIGTERM']).optional(),
    stop_grace_period: z
      .string()
      .regex(/^\d+s$/)
      .optional(),
    depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
    environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()),
    ports: z.array(Port).optional(),
    volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)),
    cap_drop: z.tuple([z.literal('ALL')]).optional(),
    security_opt: z.tuple([z.literal('no-new-privileges:true')]).optional(),
    healthcheck: Healthcheck.optional(),
    logging: z.strictObject({
      driver: z.literal('json-file'),
      options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
    }),
  })
  .refine(({ image }) => !image.endsWith(':latest'), 'latest is no version')
const Compose = z.strictObject({
  name: z.literal('liftwatt'),
  'x-logging': z.unknown(),
  services: z.strictObject({ liftwatt: Service, influxdb: Service, postgres: Service, grafana: Service }),
  volumes: z.record(z.string(), z.null()),
})

const composeText = read('docker-compose.yml')
const compose = Compose.parse(parse(composeText, { merge: true }))
const services = Object.entries(compose.services)
const example = Object.fromEntries(
  [...read('deploy/compose.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)
const secretNames = Object.keys(example).filter((name) => name.endsWith('_PASSWORD'))

/** As Compose fills in `${NAME:?why}` and `${NAME:-default}`; an empty value counts as unset. */
function interpolated(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([A-Z_]+)(:[?-])([^}]*)\}/g, (_, name: string, operator: string, rest: string) => {
    const value = environment[name] ?? ''
    if (value !== '') return value
    if (operator === ':?') throw new Error(`required variable ${name} is missing a value: ${rest}`)
    return rest
  })
}

describe('docker-compose.yml', () => {
  test('every variable of it is explained in the example, and every one of the example is used', () => {
    const used = [...composeText.matchAll(/\$\{([A-Z_]+):[?-]/g)].map(([, name]) => name)
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(example).toSorted())
    expect(composeText.match(/\$(?!\{[A-Z_]+:[?-])/g)).toBeNull()
  })

  test('there is no default password: without a secret nothing starts', () => {
    expect(secretNames).toHaveLength(7)
    for (const name of secretNames) {
      expect(example[name]).toBe('')
      const others = Object.fromEntries(secretNames.filter((other) => other !== name).map((other) => [other, 'x']))
      expect(() => interpolated(composeText, others)).toThrow(name)
    }
    for (const [name, { environment }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        if (/PASSWORD|TOKEN/.test(key)) expect(value, `${name} ${key}`).toMatch(/^\$\{[A-Z_]+:(\?.+|-)\}$/)
      }
    }
  })

  test('the command in the example fills in every secret, each with its own', () => {
    const command = /^#\s+(awk .*) > \.env/m.exec(read('deploy/compose.env.example'))?.[1] ?? ''
    const made = execFileSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' })
    const secrets = secretNames.map((name) => new RegExp(`^${name}=([0-9a-f]{48})$`, 'm').exec(made)?.[1])

    expect(secrets).not.toContain(undefined)
    expect(new Set(secrets).size).toBe(secretNames.length)
  })

  test('the service accepts its settings, with an operator token and without', () => {
    const secrets = Object.fromEntries(secretNames.map((name) => [name, 'a'.repeat(48)]))
    const environment = (more: object) =>
      Object.fromEntries(
        Object.entries(compose.services.liftwatt.environment).map(([name, value]) => [
          name,
          interpolated(value, { ...example, ...secrets, ...more }),
        ]),
      )

    for (const name of Object.keys(environment({}))) expect(Object.keys(settingsShape)).toContain(name)
    expect(readSettings(environment({}))).toMatchObject({
      HTTP_HOST: '0.0.0.0',
      DATABASE_URL: `postgres://liftwatt:${'a'.repeat(48)}@postgres:5432/liftwatt`,
      INFLUX_URL: 'http://influxdb:8086',
    })
    const token = 'b'.repeat(32)
    expect(readSettings(environment({ LIFTWATT_OPERATOR_TOKEN: token })).LIFTWATT_OPERATOR_TOKEN).toBe(token)
  })

  test('whoever logs in somewhere uses the user and the password that was made there', () => {
    const { liftwatt, influxdb, postgres, grafana } = compose.services
    const roles = read('deploy/postgres/10-roles.sql')

    expect(liftwatt.environment.INFLUX_USERNAME).toBe(influxdb.environment.INFLUXDB_USER)
    expect(liftwatt.environment.INFLUX_PASSWORD).toBe(influxdb.environment.INFLUXDB_USER_PASSWORD)
    expect(liftwatt.environment.INFLUX_DATABASE).toBe(influxdb.environment.INFLUXDB_DB)
    expect(grafana.environment.INFLUXDB_USER).toBe(influxdb.environment.INFLUXDB_READ_USER)
    expect(grafana.environment.INFLUXDB_PASSWORD).toBe(influxdb.environment.INFLUXDB_READ_USER_PASSWORD)
    expect(grafana.environment.INFLUXDB_DATABASE).toBe(influxdb.environment.INFLUXDB_DB)
    expect(grafana.environment.INFLUXDB_URL).toBe(liftwatt.environment.INFLUX_URL)
    expect(grafana.environment.POSTGRES_PASSWORD).toBe(postgres.environment.POSTGRES_GRAFANA_PASSWORD)
    expect(liftwatt.environment.DATABASE_URL).toContain(postgres.environment.POSTGRES_LIFTWATT_PASSWORD)
    expect(roles).toContain(`create role ${grafana.environment.POSTGRES_USER} `)
    for (const [, name = ''] of roles.matchAll(/^\\getenv \w+ (\w+)$/gm))
      expect(postgres.environment).toHaveProperty(name)
    expect(roles.match(/^\\getenv /gm)).toHaveLength(2)
  })

  test('whoever is waited for has a health check, and services name each other by their names', () => {
    for (const [name, { depends_on = {}, healthcheck }] of services) {
      for (const other of Object.keys(depends_on)) expect(Object.keys(compose.services)).toContain(other)
      // the check of Liftwatt is in its image
      expect(healthcheck !== undefined, name).toBe(name !== 'liftwatt')
    }
    for (const [, host = ''] of composeText.matchAll(/(?:@|:\/\/|ADDRESS: )([a-z]+):\d+/g)) {
      expect(Object.keys(compose.services)).toContain(host)
    }
  })

  test('whatever is mounted exists, files of ours read-only; every volume is declared and used', () => {
    const mounts = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')))
    for (const [source = '', , mode] of mounts.filter(([from]) => from?.startsWith('.'))) {
      expect(existsSync(join(root, source)), source).toBe(true)
      expect(readdirSync(join(root, source)).length).toBeGreaterThan(0)
      expect(mode).toBe('ro')
    }
    const named = mounts.flatMap(([from = '']) => (from.startsWith('.') ? [] : [from]))
    expect(named.toSorted()).toEqual(Object.keys(compose.volumes).toSorted())
  })

  test('what Grafana reads at its start is mounted where it looks, and its $NAMES are set', () => {
    const { environment, volumes } = compose.services.grafana
    expect(volumes).toContain('./dashboards/provisioning:/etc/grafana/provisioning:ro')
    expect(volumes).toContain(`./dashboards/generated:${environment.LIFTWATT_DASHBOARDS}:ro`)
    const provisioning = ['datasources', 'dashboards'].map((kind) => {
      return read(`dashboards/provisioning/${kind}/liftwatt.yaml`).replaceAll(/^#.*$/gm, '')
    })
    const names = [...provisioning.join('\n').matchAll(/\$\{?([A-Z_]+)/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) expect(Object.keys(environment)).toContain(name)
  })

  test('a stop leaves the service at least 15 seconds to finish what it acknowledged', () => {
    expect(Number.parseInt(compose.services.liftwatt.stop_grace_period ?? '0', 10)).toBeGreaterThanOrEqual(15)
  })
})

interface Instruction {
  readonly keyword: string
  readonly text: string
}
interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** Enough of the language for our Dockerfile: one instruction a line. */
function stagesOf(dockerfile: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const line of dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    const [, keyword = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (keyword === 'FROM') {
      const [base = '', , name = 'final'] = text.split(' ')
      stages.push({ base, name, instructions: [] })
    } else stages.at(-1)?.instructions.push({ keyword, text })
  }
  return stages
}

function copyOf(text: string): { from: string | undefined; sources: string[]; to: string } {
  const words = text.split(' ')
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  return { from, sources: words.slice(0, -1), to: words.at(-1) ?? '' }
}

describe('Dockerfile', () => {
  const stages = stagesOf(read('Dockerfile'))
  const final = stages.at(-1)
  const only = (keyword: string) => {
    const found = final?.instructions.filter((instruction) => instruction.keyword === keyword) ?? []
    expect(found, keyword).toHaveLength(1)
    return found[0]?.text ?? ''
  }
  const command = z.array(z.string()).parse(JSON.parse(only('CMD')))
  const healthcheck = z.array(z.string()).parse(JSON.parse(only('HEALTHCHECK').replace(/^.* CMD /, '')))
  const ignored = read('.dockerignore').trim().split('\n')
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'liftwatt-image-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('it is based on glibc and a Node.js that we support, the same one in every stage', () => {
    expect(new Set(stages.map(({ base }) => base)).size).toBe(1)
    const [, major] = /^node:(\d+)-bookworm-slim$/.exec(final?.base ?? '') ?? []
    expect(Number(major)).toBeGreaterThanOrEqual(20)
  })

  test('the service is not root, keeps its data in a volume, and is process 1 itself, so that SIGTERM reaches it', () => {
    const order = final?.instructions.map(({ keyword }) => keyword) ?? []
    expect(only('USER')).toBe('node')
    expect(only('VOLUME')).toBe('/data')
    expect(only('ENV').split(' ')).toEqual(
      expect.arrayContaining(['NODE_ENV=production', 'LIFTWATT_DATA=/data', 'HTTP_HOST=0.0.0.0']),
    )
    // what is done to a volume's folder after VOLUME is lost
    expect(order.indexOf('RUN')).toBeLessThan(order.indexOf('VOLUME'))
    expect(only('RUN')).toMatch(/--owner=node .*\/data$/)
    expect(command[0]).toBe('node')
  })

  test('whatever it copies from here exists and is not ignored', () => {
    for (const { keyword, text } of stages.flatMap(({ instructions }) => instructions)) {
      const { from, sources } = copyOf(text)
      if (keyword !== 'COPY' || from !== undefined) continue
      for (const source of sources) {
        expect(existsSync(join(root, source)), source).toBe(true)
        expect(ignored).not.toContain(source)
      }
    }
  })

  test('neither secrets nor data nor what was built here goes to the engine', () => {
    for (const path of ['.env', 'data', 'node_modules', 'dist', '.git']) expect(ignored).toContain(path)
  })

  test('its commands, run here: production dependencies alone start the service, it is healthy, and SIGTERM ends it well', async (context) => {
    const problems = await Promise.all(stages.slice(0, -1).map(buildStage))
    problems.push(...(await Promise.all(stages.slice(-1).map(buildStage))))
    const problem = problems.find((problem) => problem !== undefined)
    if (problem !== undefined) context.skip(`npm registry cannot be reached: ${problem}`)
    const app = join(directory, 'final')
    expect(existsSync(join(app, 'node_modules', 'typescript'))).toBe(false)
    expect(existsSync(join(app, 'node_modules', 'vitest'))).toBe(false)

    const ports = { HTTP_PORT: String(await freePort()), MQTT_PORT: String(await freePort()) }
    const environment = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      LIFTWATT_DATA: join(directory, 'data'),
      MQTT_HOST: '127.0.0.1',
      ...ports,
    }
    const { child, output } = start(app, environment)
    try {
      await eventually(
        `ready:\n${output()}`,
        async () => {
          if (child.exitCode !== null) throw new Error(`it ended:\n${output()}`)
          return (await fetch(`http://127.0.0.1:${ports.HTTP_PORT}/readyz`)).ok
        },
        120_000,
      )
      await eventually('it is healthy', async () => (await exitOf(healthcheck, environment)) === 0)

      child.kill('SIGTERM')
      const [code] = await once(child, 'exit')
      expect(code, output()).toBe(0)
      expect(await exitOf(healthcheck, environment)).toBe(1)
    } finally {
      child.kill('SIGKILL')
    }
  }, 400_000)

  /** Answers why npm could not fetch, when that is so. */
  async function buildStage({ name, instructions }: Stage): Promise<string | undefined> {
    const stage = join(directory, name)
    mkdirSync(stage)
    for (const { keyword, text } of instructions) {
      if (keyword === 'COPY') copy(copyOf(text), stage)
      if (keyword !== 'RUN' || !text.startsWith('npm ')) continue
      // All dependencies are in the checkout already, by the same command.
      if (text === 'npm ci --ignore-scripts') symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'))
      else {
        const problem = await runNpm(text, stage)
        if (problem !== undefined) return problem
      }
    }
    return undefined
  }

  function copy({ from, sources, to }: ReturnType<typeof copyOf>, stage: string): void {
    for (const source of sources) {
      if (from !== undefined) {
        // Moved, for it is 300 MB and nobody needs it there any more.
        renameSync(source.replace('/app', join(directory, from)), join(stage, to))
        continue
      }
      const entries = source === '.' ? readdirSync(root).filter(isSent) : [source]
      for (const entry of entries) {
        const target = to === '.' || to === './' ? join(stage, basename(entry)) : join(stage, to)
        cpSync(join(root, entry), target, { recursive: true })
      }
    }
  }

  function isSent(entry: string): boolean {
    return !ignored.some((pattern) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(entry),
    )
  }

  async function runNpm(text: string, cwd: string): Promise<string | undefined> {
    const [npm = '', ...words] = text.split(' ')
    const more = words[0] === 'ci' ? ['--prefer-offline', '--no-audit', '--no-fund'] : []
    try {
      await promisify(execFile)(npm, [...words, ...more], { cwd })
      return undefined
    } catch (cause) {
      const said = String((cause as { stderr?: string }).stderr)
      const [problem] = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E50\d/.exec(said) ?? []
      if (problem === undefined) throw cause
      return problem
    }
  }

  function start(cwd: string, env: NodeJS.ProcessEnv): { child: ChildProcess; output: () => string } {
    let printed = ''
    const child = spawn(process.execPath, command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
    }
    return { child, output: () => printed }
  }

  async function exitOf([, ...words]: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
    const child = spawn(process.execPath, words, { env, stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    return code
  }
})
