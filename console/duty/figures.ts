import type { WorkOrder } from '../shared/wire.ts'

/** Everybody knew of it: it says nothing about how fast they come. */
export const isDrill = ({ outcome }: Pick<WorkOrder, 'outcome'>): boolean => outcome === 'drill'

/** Somebody is to be there within 30 minutes, whoever or whatever found it. */
export const isEmergency = ({ arriveBy }: Pick<WorkOrder, 'arriveBy'>): boolean => arriveBy !== null

/**
 * Within how many minutes of detection nine of ten crews were on site, by the nearest rank; null = nobody has arrived yet.
 * Emergencies only, and no drills: nothing else promises a time.
 */
export function p90Minutes(orders: readonly WorkOrder[]): { readonly minutes: number; readonly count: number } | null {
  const minutes = orders
    .filter((order) => !isDrill(order))
    .flatMap(({ arriveBy, arrivedAt, upgradedAt, detectedAt }) =>
      arriveBy === null || arrivedAt === null
        ? []
        : [(Date.parse(arrivedAt) - Date.parse(upgradedAt ?? detectedAt)) / 60_000],
    )
    .sort((one, other) => one - other)
  const nearest = minutes[Math.ceil(minutes.length * 0.9) - 1]
  return nearest === undefined ? null : { minutes: Math.ceil(nearest), count: minutes.length }
}
