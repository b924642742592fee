import { dayMs } from '../core/clock.ts'
import { needsWorkBelow } from '../core/health.ts'
import { type PanelContent, type Section, sqlQuery } from './grafana.ts'
import {
  chosenDevices,
  coverage,
  forecastColumns,
  levelColumns,
  newestForecasts,
  newestHealth,
  numberColumns,
  partsOf,
  score,
} from './health-columns.ts'
import { stackedBars } from './shared-panels.ts'

const day = "date_trunc('day', at, 'Asia/Shanghai') as time"

/** Nothing is drawn through a day of which nothing is known, nor through one that was not written down. */
const curves = {
  color: { mode: 'palette-classic' },
  custom: {
    ...{ drawStyle: 'line', lineWidth: 1, fillOpacity: 0, showPoints: 'always', pointSize: 4 },
    ...{ spanNulls: false, insertNulls: 1.5 * dayMs },
  },
} as const

/** With a site goes all that lies in it. */
const healthOfSite = `with recursive below as (
  select id from sites where id in (\${site:sqlstring})
  union
  select sites.id from sites join below on sites.parent_id = below.id
)
select ${day},
`
const inSite = `from device_health
where device_id in (select devices.id from devices join below on devices.site_id = below.id)
  and $__timeFilter(at)
group by 1
order by 1`

const siteHealth: PanelContent = {
  type: 'timeseries',
  title: 'Health of the site by day',
  description:
    'Mean and lowest score of the devices that are in the site today and were known on that day. A day without a point: nothing was known.',
  width: 12,
  height: 9,
  targets: [sqlQuery(`${healthOfSite}  avg(score)::float8 as mean,\n  min(score) as lowest\n${inSite}`, 'time_series')],
  ...scoreCurves(),
}

const siteDevices: PanelContent = {
  type: 'timeseries',
  title: 'Devices of the site by day',
  description: `How many had fewer than ${needsWorkBelow} points, how many had more, and of how many nothing was known.`,
  width: 12,
  height: 9,
  targets: [
    sqlQuery(
      `${healthOfSite}  count(*) filter (where score < ${needsWorkBelow}) as "need work",
  count(*) filter (where score >= ${needsWorkBelow}) as well,
  count(*) filter (where score is null) as "nothing known"
${inSite}`,
      'time_series',
    ),
  ],
  field: { ...stackedBars.field, color: { mode: 'palette-classic' } },
  options: stackedBars.options,
}

const healthByDay: PanelContent = {
  type: 'timeseries',
  title: 'Health by day',
  description: `Points of 100 at the end of each day; below ${needsWorkBelow} it needs work. A gap: nothing was known.`,
  width: 12,
  height: 9,
  targets: [byDay('device_id', 'score')],
  ...scoreCurves(),
}

const coverageByDay: PanelContent = {
  type: 'timeseries',
  title: 'Data coverage by day',
  description: 'The share of the time for which samples vouch. What is not covered is not known, and not healthy.',
  width: 12,
  height: 9,
  targets: [byDay('device_id', 'coverage')],
  field: { ...scoreCurves().field, unit: 'percentunit', max: 1, thresholds: coverage },
  options: scoreCurves().options,
}

const pointsByDay: PanelContent = {
  type: 'timeseries',
  title: 'Points lost by day and finding',
  description:
    'What took points on each day, all chosen devices together. A day without a bar lost none, or nothing was written.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(
      `select ${day}, coalesce(part.finding, part.cause) as metric, sum(points)::float8 as value
from device_health ${partsOf}
where ${chosenDevices} and $__timeFilter(at)
group by 1, 2
order by 1, 2`,
      'time_series',
    ),
  ],
  field: { ...stackedBars.field, color: { mode: 'palette-classic' } },
  options: stackedBars.options,
}

const pointsNow: PanelContent = {
  type: 'table',
  title: 'Where the points went',
  description: 'Every missing point of the chosen devices, now.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(`select device_id as device, points, cause, finding, text as what
from ${newestHealth} ${partsOf}
where ${chosenDevices}
order by device_id, points desc, finding`),
  ],
  field: { unit: 'string' },
  overrides: [numberColumns('points')],
  options: { showHeader: true },
}

const daysLeftByDay: PanelContent = {
  type: 'timeseries',
  title: 'Days left to the limit, by day',
  description:
    'How many days were left on each day, with the earliest and the latest of 80 % confidence. A good forecast falls by one a day. A gap: there was none.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(
      `select ${day}, device_id || ' ' || quantity || ending as metric, value
from device_forecasts
cross join lateral (values ('', days), (' earliest', low_days), (' latest', high_days)) as curve(ending, value)
where ${chosenDevices} and $__timeFilter(at)
order by 1, 2`,
      'time_series',
    ),
  ],
  field: { ...curves, unit: 'none', decimals: 0 },
  options: scoreCurves().options,
}

const forecastsOfChosen: PanelContent = {
  type: 'table',
  title: 'Forecasts of the chosen devices',
  description:
    'All that is watched for wear on them, now: the days left and their 80 % interval, or why there is no forecast.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(`select ${forecastColumns}, refused as "why none"
from ${newestForecasts}
where ${chosenDevices}
order by days + since nulls last, device_id, finding`),
  ],
  field: { unit: 'string' },
  overrides: [numberColumns('days left|earliest|latest'), levelColumns],
  options: { showHeader: true },
}

function byDay(metric: string, value: string) {
  return sqlQuery(
    `select ${day}, ${metric} as metric, ${value} as value
from device_health
where ${chosenDevices} and $__timeFilter(at)
order by 1, 2`,
    'time_series',
  )
}

function scoreCurves() {
  const custom = { ...curves.custom, thresholdsStyle: { mode: 'dashed' } }
  return {
    field: { ...curves, custom, unit: 'short', decimals: 0, min: 0, max: 100, thresholds: score },
    options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi' } },
  }
}

export const chosenSite: Section = { title: 'The chosen site', panels: [siteHealth, siteDevices] }

export const chosen: Section = {
  title: 'The chosen devices',
  panels: [healthByDay, coverageByDay, pointsByDay, pointsNow, daysLeftByDay, forecastsOfChosen],
}
