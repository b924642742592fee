import { z } from 'zod'
import type { Filter } from './list-show.ts'
import { UsageError } from './output.ts'

export const filters: readonly Filter[] = [
  ['--state <state>', 'raised, acknowledged, accepted, arrived, restored, closed, cancelled, or open'],
  ['--type <type>', 'emergency, planned, inspection or manual'],
  ['--severity <severity>', 'warning, urgent or critical'],
  ['--team <id>', 'of this team'],
  ['--site <id>', 'in this site, with all that is in it'],
  ['--finding <finding>', 'such as elevator/entrapment'],
  ['--device <id>', 'of this device'],
  ['--from <time>', 'detected then or later, ISO 8601'],
  ['--to <time>', 'detected before'],
]

/** Options that the API calls otherwise. */
export const apiNames: Readonly<Record<string, string>> = {
  team: 'teamId',
  site: 'siteId',
  device: 'deviceId',
  technician: 'technicianId',
  cause: 'causeClass',
  into: 'intoId',
  due: 'dueAt',
}

/** @throws {UsageError} it is no order's id */
export function pathOf(id: string): string {
  if (!z.uuid().safeParse(id).success)
    throw new UsageError(`<id> is an order's, as "order list" shows it; this is "${id}"`)
  return `/work-orders/${id}`
}
