import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of a process since its start, s; Linux's /proc. */
export interface ProcessUsage {
  readonly cpuSeconds: number
  readonly byThread: ReadonlyMap<number, number>
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

export function processUsage(pid: number): ProcessUsage {
  const byThread = new Map<number, number>()
  for (const name of readdirSync(`/proc/${pid}/task`)) {
    const seconds = cpuSeconds(`/proc/${pid}/task/${name}/stat`)
    byThread.set(Number(name), seconds)
  }
  return { cpuSeconds: cpuSeconds(`/proc/${pid}/stat`), byThread }
}

/** Cores used between two looks: in all, by the main thread, by the busiest other one (in the service, the data thread). */
export function coresBetween(pid: number, before: ProcessUsage, after: ProcessUsage, seconds: number) {
  const cores = (thread: number) => ((after.byThread.get(thread) ?? 0) - (before.byThread.get(thread) ?? 0)) / seconds
  const others = [...after.byThread.keys()].filter((thread) => thread !== pid).map(cores)
  return {
    all: (after.cpuSeconds - before.cpuSeconds) / seconds,
    main: cores(pid),
    busiestOther: Math.max(0, ...others),
  }
}

/** Resident memory, MB (10^6 bytes): now, what of it are mapped files (programs, the journal's tables), and the most it ever was. */
export function residentMegabytes(pid: number): { now: number; mapped: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6
  return { now: megabytes('VmRSS'), mapped: megabytes('RssFile'), most: megabytes('VmHWM') }
}

/** Fields 14 and 15 of proc(5)'s stat, counted from behind the name, which may have blanks in it. */
function cpuSeconds(file: string): number {
  const text = readFileSync(file, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
