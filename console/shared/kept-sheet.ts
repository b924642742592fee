import { forget, recall, remember, rememberedNames } from './memory.ts'
import type { Me } from './wire.ts'

/*
 * The sheet of an inspection that is under way, as it was last read, and who reads it: a phone whose browser begins anew where there is no
 * link opens it all the same. It is kept until the inspection is over, or somebody signs out or another in: a session that ends by itself, in
 * the middle of an inspection, takes nothing away.
 */

const prefix = 'sheet.'

interface Kept<Sheet> {
  readonly me: Me
  readonly sheet: Sheet
}

export function keepSheet(me: Me, id: string, sheet: object): void {
  remember(nameOf(me.accountId ?? '', id), JSON.stringify({ me, sheet } satisfies Kept<object>))
}

export function forgetSheet(accountId: string, id: string): void {
  forget(nameOf(accountId, id))
}

/** Null = it is not kept. */
export function keptSheet<Sheet>(accountId: string, id: string): Sheet | null {
  return read<Sheet>(nameOf(accountId, id))?.sheet ?? null
}

/** Who inspects with this phone, while nobody can say who is signed in. */
export function whoInspects(): Me | undefined {
  const [name] = rememberedNames(prefix)
  return name === undefined ? undefined : read(name)?.me
}

/** @param accountId null = of everybody */
export function forgetSheetsButOf(accountId: string | null): void {
  for (const name of rememberedNames(prefix))
    if (accountId === null || !name.startsWith(nameOf(accountId, ''))) forget(name)
}

function nameOf(accountId: string, id: string): string {
  return `${prefix}${accountId} ${id}`
}

function read<Sheet>(name: string): Kept<Sheet> | undefined {
  try {
    return JSON.parse(recall(name) ?? '') as Kept<Sheet>
  } catch {
    return undefined
  }
}
