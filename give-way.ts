import { getPriority, setPriority } from 'node:os'

/**
 * Makes the calling thread at least so nice, where cores are short (on Linux; elsewhere a nice value is of the whole process, which stays as it
 * is). One that was started nicer stays so: without root it cannot come back, and with root nobody asked for it. Never in the way of a start.
 */
export function giveWay(niceness: number): void {
  if (process.platform !== 'linux') return
  try {
    // 0 is the calling thread alone
    if (getPriority(0) < niceness) setPriority(0, niceness)
  } catch {
    // a system that forbids it: then it is as nice as the others
  }
}
