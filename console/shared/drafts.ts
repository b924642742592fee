import { type Signal, signal } from '@preact/signals'

/*
 * What somebody has written and not sent: it outlives a dialog that is closed, a page that is left, and a session that ends in the
 * middle of a sentence. It is kept in this tab alone, for this account alone, until it is sent or they sign out.
 */

const prefix = 'liftwatt.draft.'
const known = new Map<string, Signal<string>>()

export interface Draft {
  readonly text: Signal<string>
  /** It was sent: it is gone, unless something else was written meanwhile. */
  sent(text: string): void
}

/** What this account has written under this name. */
export function draftOf(accountId: string, name: string): Draft {
  const key = `${prefix}${accountId} ${name}`
  const text = known.get(key) ?? signal(read(key))
  if (!known.has(key)) {
    known.set(key, text)
    text.subscribe((written) => write(key, written))
  }
  return {
    text,
    sent(said) {
      if (text.value.trim() === said.trim()) text.value = ''
    },
  }
}

/** Somebody signs out: the next one at this screen has written nothing. */
export function forgetDrafts(): void {
  for (const text of known.values()) text.value = ''
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  } catch {
    // nothing is kept there
  }
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function write(key: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  } catch {
    // then it is gone with the page
  }
}
