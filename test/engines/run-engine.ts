import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './find.ts'

const READY_WITHIN_MS = 60_000
const STOPPED_WITHIN_MS = 10_000
const SETPRIV = '/usr/bin/setpriv'

export interface RunningEngine {
  pid: number
  /** SIGTERM, and SIGKILL after 10 s; resolves when the process is gone. Harmless when it already is. */
  stop(): Promise<void>
}

/**
 * Starts an engine and resolves once `isReady` answers true.
 * @throws {Error} with the end of its log, when it exits before or is not ready within 60 s
 */
export async function runEngine(
  engine: Engine,
  options: { args: string[]; env?: Record<string, string>; logFile: string; isReady: () => Promise<boolean> },
): Promise<RunningEngine> {
  const child = spawnLogged(engine, options)
  const stop = () => stopChild(child)
  const tooLate = Date.now() + READY_WITHIN_MS
  while (!(await options.isReady())) {
    if (hasExited(child) || Date.now() > tooLate) {
      await stop()
      throw new Error(`${engine.name} did not become ready: ${readFileSync(options.logFile, 'utf8').slice(-2_000)}`)
    }
    await sleep(20)
  }
  // Ready, but is it ours that answers? A port taken by someone else ends our process.
  if (hasExited(child) || child.pid === undefined) throw new Error(`${engine.name} exited: see ${options.logFile}`)
  return { pid: child.pid, stop }
}

function spawnLogged(engine: Engine, options: { args: string[]; env?: Record<string, string>; logFile: string }) {
  // The kernel ends the engine with its test worker, however that dies; setpriv keeps the pid.
  const withParent = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []
  const [command = engine.path, ...args] = [...withParent, engine.path, ...options.args]
  const log = openSync(options.logFile, 'a')
  try {
    return spawn(command, args, { env: { ...engine.env, ...options.env }, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasExited(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const hardStop = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS)
  await exited
  clearTimeout(hardStop)
}
