import type { WorkOrder } from '../shared/wire.ts'

/**
 * Within how many minutes of detection nine of ten crews were on site, by the nearest rank; null = nobody has arrived yet.
 * Emergencies only: nothing else promises a time.
 */
export function p90Minutes(orders: readonly WorkOrder[]): { readonly minutes: number; readonly count: number } | null {
  const minutes = orders
    .flatMap(({ arriveBy, arrivedAt, upgradedAt, detectedAt }) =>
      arriveBy === null || arrivedAt === null
        ? []
        : [(Date.parse(arrivedAt) - Date.parse(upgradedAt ?? detectedAt)) / 60_000],
    )
    .sort((one, other) => one - other)
  const nearest = minutes[Math.ceil(minutes.length * 0.9) - 1]
  return nearest === undefined ? null : { minutes: Math.ceil(nearest), count: minutes.length }
}
