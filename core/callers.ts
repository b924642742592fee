/** Somebody who reported an order: what they left, as they left it. */
export interface Caller {
  readonly name?: string
  readonly phone?: string
  readonly words?: string
}

/** "陈 0571-1: 有人被困" */
export function callerText({ name, phone, words }: Caller): string {
  return [[name, phone].filter(Boolean).join(' '), words].filter(Boolean).join(': ')
}

/** As `reportedBy` of an order keeps them, `name`, `phone`, `words`, then `name 2`, …: the first first. */
export function callersOf(reportedBy: Readonly<Record<string, string>> | null): Caller[] {
  const callers = new Map<number, Record<string, string>>()
  for (const [key, value] of Object.entries(reportedBy ?? {})) {
    const [what = '', number] = key.split(' ')
    const at = Number(number ?? 1)
    callers.set(at, { ...callers.get(at), [what]: value })
  }
  return [...callers].sort(([one], [other]) => one - other).map(([, caller]) => caller)
}

const callersKept = 20

/** One more, after those that are there; of more than twenty nobody is kept. */
export function withCaller(known: Readonly<Record<string, string>>, caller: Caller): Record<string, string> {
  const number = 1 + Math.max(0, ...Object.keys(known).map((key) => Number(key.split(' ')[1] ?? 1)))
  if (number > callersKept) return { ...known }
  const suffix = number === 1 ? '' : ` ${number}`
  return { ...known, ...Object.fromEntries(Object.entries(caller).map(([key, value]) => [`${key}${suffix}`, value])) }
}

/** The same, unless they are there in the same words. */
export function withNewCaller(
  known: Readonly<Record<string, string>>,
  caller: Caller,
): Readonly<Record<string, string>> {
  const isThere = callersOf(known).some((there) => callerText(there) === callerText(caller))
  return isThere ? known : withCaller(known, caller)
}
