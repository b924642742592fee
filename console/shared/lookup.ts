import { ApiProblem, type Asked } from './api.ts'
import type { Device, Page } from './wire.ts'

/** A GET below `/api/v1`. */
export type Ask = <Thing>(path: string, query?: Asked['query']) => Promise<Thing>

/** What a search asks for at once: what one of it does not answer holds up nothing else. */
export interface Lookup {
  /** undefined = it is not there, not theirs, or was not answered. */
  look<Thing>(path: string, query?: Asked['query']): Promise<Thing | undefined>
  /** Why something was not answered, the first of it; null = all was. */
  problem(): unknown
}

export function createLookup(ask: Ask): Lookup {
  let problem: unknown = null
  return {
    look: (path, query) =>
      ask<never>(path, query).catch((cause: unknown) => {
        const isNotThere = cause instanceof ApiProblem && (cause.code === 'not-found' || cause.code === 'forbidden')
        if (!isNotThere) problem ??= cause
        return undefined
      }),
    problem: () => problem,
  }
}

export function isId(text: string): boolean {
  return /^[a-zA-Z0-9_-]{1,64}$/.test(text)
}

const devicesShown = 6

/** Devices by a part of name, id or registration code; `exact` has this very id, and may be retired. */
export async function findDevices(text: string, { look }: Lookup): Promise<{ exact: Device[]; others: Device[] }> {
  const [listed, exact] = await Promise.all([
    look<Page<Device>>('/devices', { text, limit: devicesShown }),
    isId(text) ? look<Device>(`/devices/${text}`) : undefined,
  ])
  return {
    exact: exact === undefined ? [] : [exact],
    others: listed?.items.filter(({ id }) => id !== exact?.id) ?? [],
  }
}
