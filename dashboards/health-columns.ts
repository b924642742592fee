import { needsWorkBelow } from '../core/health.ts'
import type { FieldOverride } from './grafana.ts'

/**
 * Health and forecasts are written down once a day, 23:50 in Asia/Shanghai, one row of each device; "now" is the newest of these rows.
 * A device without one for two days is left out, for nobody has looked at it since.
 */
export const recent = "day >= to_char(now() at time zone 'Asia/Shanghai' - interval '2 days', 'YYYY-MM-DD')"
export const newestHealth = `(
  select distinct on (device_id) * from device_health
  where ${recent}
  order by device_id, day desc
) as health`
/** Of each device the forecasts of its newest day: a part that was renewed has none from then on. */
export const newestForecasts = `(
  select *, extract(epoch from sample_at - now())::float8 / 86400 as since
  from (select distinct on (device_id) device_id, day from device_health where ${recent} order by device_id, day desc) as newest
  join device_forecasts using (device_id, day)
) as forecast`
/** A forecast's days are counted from the sample behind it; here from now. */
export const forecastColumns = `device_id as device, finding, quantity, level, level_limit as "limit",
  days + since as "days left", low_days + since as earliest, high_days + since as latest`
export const partsOf =
  'cross join lateral jsonb_to_recordset(parts) as part(cause text, points real, finding text, text text)'
export const chosenDevices = `device_id in (\${device:sqlstring})`

/** Colours only; all but `needsWorkBelow` are a matter of taste. */
export const score = [
  { color: 'red', value: null },
  { color: 'orange', value: needsWorkBelow },
  { color: 'green', value: 85 },
]
export const coverage = [
  { color: 'red', value: null },
  { color: 'orange', value: 0.5 },
  { color: 'green', value: 0.95 },
]

export const levelColumns: FieldOverride = {
  matcher: { id: 'byRegexp', options: '/^(level|limit)$/' },
  properties: [
    { id: 'unit', value: 'none' },
    { id: 'decimals', value: 3 },
  ],
}

/** A click on a device shows it in the last panels of this board. */
export function deviceLink(): FieldOverride[] {
  const url = `/d/liftwatt-health?var-device=\${__value.raw}&\${site:queryparam}&\${__url_time_range}`
  return [
    {
      matcher: { id: 'byName', options: 'device' },
      properties: [{ id: 'links', value: [{ title: 'Show this device below', url }] }],
    },
  ]
}

export function scoreColumns(): FieldOverride[] {
  const column = (name: string, unit: string, steps: typeof score): FieldOverride => ({
    matcher: { id: 'byName', options: name },
    properties: [
      { id: 'unit', value: unit },
      { id: 'decimals', value: 0 },
      { id: 'thresholds', value: { mode: 'absolute', steps } },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ],
  })
  return [column('score', 'none', score), column('coverage', 'percentunit', coverage)]
}

export function numberColumns(names: string): FieldOverride {
  return {
    matcher: { id: 'byRegexp', options: `/^(${names})$/` },
    properties: [
      { id: 'unit', value: 'none' },
      { id: 'decimals', value: 0 },
    ],
  }
}
