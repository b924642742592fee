import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { findEngine } from './find.ts'
import { runEngine } from './run-engine.ts'

export interface RunningMosquitto {
  port: number
  /** Ends the process and removes its folder. */
  stop(): Promise<void>
}

/**
 * A mosquitto on a free loopback port, open to anyone, nothing kept.
 * `config` are further lines of its configuration file, after ours.
 * @throws {Error} the engine is not to be had (see `describeWithEngine`) or does not start
 */
export async function startMosquitto({ config = [] }: { config?: string[] } = {}): Promise<RunningMosquitto> {
  const engine = await findEngine('mosquitto')
  if (!engine) throw new Error('no mosquitto; put the test into describeWithEngine')

  const directory = mkdtempSync(join(tmpdir(), 'liftwatt-mosquitto-'))
  const port = await freePort()
  const configFile = join(directory, 'mosquitto.conf')
  // Started by root it would become the user `mosquitto`, who need not exist where nothing was installed.
  const user = process.getuid?.() === 0 ? ['user root'] : []
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', ...user, ...config]
  writeFileSync(configFile, `${lines.join('\n')}\n`)

  const running = await runEngine(engine, {
    args: ['-c', configFile],
    logFile: join(directory, 'mosquitto.log'),
    isReady: () => acceptsTcp(port),
  })
  return {
    port,
    async stop() {
      await running.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export interface ClientResult {
  /** 0 when all went well. mosquitto_pub: 4 and 5 for a refused login, 27 for a `-W` that ran out. */
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs `mosquitto_pub`, the client installers have at hand; `input` goes to its stdin (`-l`, `-s`). */
export function mosquittoPub(args: string[], input = ''): Promise<ClientResult> {
  return runClient('mosquitto_pub', args, input)
}

/** Runs `mosquitto_sub` until it ends: give it `-C` messages to wait for, or `-W` seconds. */
export function mosquittoSub(args: string[]): Promise<ClientResult> {
  return runClient('mosquitto_sub', args, '')
}

async function runClient(binary: string, args: string[], input: string): Promise<ClientResult> {
  const engine = await findEngine('mosquitto')
  const path = engine?.binaries[binary]
  if (!engine || !path) throw new Error(`no ${binary}; put the test into describeWithEngine`)

  return new Promise((resolve, reject) => {
    const client = execFile(path, args, { env: engine.env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
      else reject(error)
    })
    client.stdin?.on('error', () => {}) // a client that ends early closes its stdin: its exit code tells
    client.stdin?.end(input)
  })
}

function acceptsTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
