import { signal } from '@preact/signals'
import { ApiProblem, get, NoAnswer, post, whenSignedOut } from './api.ts'
import { forgetDrafts } from './drafts.ts'
import { forgetSheetsButOf, whoInspects } from './kept-sheet.ts'
import { remember } from './memory.ts'
import type { Me, Role } from './wire.ts'

/** Who is signed in; null = nobody; undefined = not known yet. */
export const me = signal<Me | null | undefined>(undefined)

let asking: Promise<void> | undefined

/** Who asks while it is being asked waits for the same answer. @throws when it was not said: who cannot ask is not signed out */
export function findMe(): Promise<void> {
  asking ??= askMe().finally(() => {
    asking = undefined
  })
  return asking
}

async function askMe(): Promise<void> {
  try {
    const who = await get<Me>('/me')
    forgetSheetsButOf(who.accountId)
    // the same again is no news: pages read anew when it changes
    if (JSON.stringify(who) !== JSON.stringify(me.value)) me.value = who
  } catch (cause) {
    if (cause instanceof NoAnswer && me.value === undefined) me.value = whoInspects()
    if (!(cause instanceof ApiProblem && cause.code === 'unauthenticated')) throw cause
    me.value = null
  }
}

export async function signIn(id: string, password: string): Promise<void> {
  const who = await post<Me>('/sign-in', { id, password })
  rememberCrew(who)
  forgetSheetsButOf(who.accountId)
  me.value = who
}

export async function signOut(): Promise<void> {
  await post('/sign-out')
  forgetDrafts()
  forgetSheetsButOf(null)
  rememberCrew(null)
  me.value = null
  await forgetOnPhone()
}

/** Only a crew's phone has any of it, and no other page is to load what keeps it. */
async function forgetOnPhone(): Promise<void> {
  if (typeof indexedDB === 'undefined') return
  const { forgetReadOrders } = await import('../crew/keep.ts')
  await forgetReadOrders().catch(() => {}) // a browser that lets nothing be kept has kept nothing
}

/** Whose orders a crew's phone shows while nobody can say who is signed in; '' = nobody's. */
export function rememberCrew(who: Me | null): void {
  remember('crewAccount', who?.accountId ?? '')
}

export function hasRole(roles: readonly Role[]): boolean {
  return me.value?.roles.some((role) => roles.includes(role)) ?? false
}

whenSignedOut(() => {
  me.value = null
})
