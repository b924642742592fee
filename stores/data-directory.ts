import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../core/errors.ts'

interface Holder {
  readonly pid: number
  /** When that process started, in clock ticks since boot: a pid alone may be another's by now. */
  readonly started: string
}

/**
 * Makes the data directory (0700) and takes it for this process.
 * @returns lets go of it
 * @throws {Error} one sentence, when a live process has it
 */
export function takeDataDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o711 })
  const file = join(directory, 'lock')
  const own: Holder = { pid: process.pid, started: startOf(process.pid) ?? '' }

  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch (cause) {
      if (!isErrno(cause, 'EEXIST') || attempt > 3) throw cause
    }
    const holder = readHolder(file)
    if (holder !== undefined && startOf(holder.pid) === holder.started && holder.pid !== process.pid) {
      throw new Error(
        `${directory} is in use by another Liftwatt (process ${holder.pid}); stop it, or set LIFTWATT_DATA to another directory`,
      )
    }
    rmSync(file, { force: true })
  }
}

/** Whether a live process has the directory, and which. */
export function holderOf(directory: string): number | undefined {
  const holder = readHolder(join(directory, 'lock'))
  return holder !== undefined && startOf(holder.pid) === holder.started ? holder.pid : undefined
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined // gone meanwhile, or cut off by a crash while it was written
  }
}

/** Field 22 of /proc/<pid>/stat, counted after the command's name, which may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
