import { needsWorkBelow } from '../core/health.ts'
import { dashboard, operations, type PanelContent, picker, sqlQuery, statOptions } from './grafana.ts'
import { chosen, chosenSite } from './health-chosen.ts'
import {
  deviceLink,
  forecastColumns,
  levelColumns,
  newestForecasts,
  newestHealth,
  numberColumns,
  partsOf,
  recent,
  scoreColumns,
} from './health-columns.ts'

/** How devices are, what costs them their points, and what will wear out when. */
export function healthDashboard() {
  return dashboard(
    {
      uid: 'liftwatt-health',
      title: 'Liftwatt: health and forecasts',
      description: 'Health of devices and sites, what costs points, how much is known, and which limits come near',
      time: { from: 'now-90d', to: 'now' },
      refresh: '15m',
    },
    [sitePicker, devicePicker],
    [
      { title: 'Now', panels: [counts, writtenDown, worst, leastKnown, costs] },
      { title: 'Forecasts, now', panels: [nearest, noForecast] },
      chosenSite,
      chosen,
    ],
  )
}

const sitePicker = picker({
  datasource: operations,
  name: 'site',
  label: 'Site',
  description: 'Which site, with all that lies in it',
  query: 'select id as __value, name as __text from sites order by name, id',
  multi: false,
})

const devicePicker = picker({
  datasource: operations,
  name: 'device',
  label: 'Device',
  description: 'Which devices the last panels show; several can be compared',
  query: 'select id from devices order by id',
  multi: true,
})

const counts: PanelContent = {
  type: 'stat',
  title: 'Devices by health',
  description: `How many have fewer than ${needsWorkBelow} points of 100, how many have more, and of how many nothing is known: without data nobody is healthy.`,
  width: 16,
  height: 5,
  targets: [
    sqlQuery(`select
  count(*) filter (where score < ${needsWorkBelow}) as "need work",
  count(*) filter (where score >= ${needsWorkBelow}) as well,
  count(*) filter (where score is null) as "nothing known"
from ${newestHealth}`),
  ],
  field: { unit: 'short', decimals: 0, color: { mode: 'fixed', fixedColor: 'text' } },
  options: statOptions,
}

const writtenDown: PanelContent = {
  type: 'stat',
  title: 'Written down',
  description:
    'How long ago health and forecasts were written down last. All that is called "now" on this board is as of then.',
  width: 8,
  height: 5,
  targets: [sqlQuery(`select max(at) as "written down" from device_health where ${recent}`)],
  field: { unit: 'dateTimeFromNow', color: { mode: 'fixed', fixedColor: 'text' } },
  options: statOptions,
}

const worst: PanelContent = {
  type: 'table',
  title: 'Worst devices',
  description:
    'The 50 devices with the fewest points of 100, now, and what took most of them. Those of which nothing is known are in the table beside it.',
  width: 12,
  height: 10,
  targets: [
    sqlQuery(`select device_id as device, score, coverage,
  (select text from jsonb_to_recordset(parts) as part(points real, text text) order by points desc limit 1) as "costs most"
from ${newestHealth}
where score is not null
order by score, device_id
limit 50`),
  ],
  field: { unit: 'string' },
  overrides: [...deviceLink(), ...scoreColumns()],
  options: { showHeader: true },
}

const leastKnown: PanelContent = {
  type: 'table',
  title: 'Least known devices',
  description:
    'The 50 devices whose samples vouch for the smallest share of the time, now. Below a tenth there is no score: no data is not healthy.',
  width: 12,
  height: 10,
  targets: [
    sqlQuery(`select device_id as device, coverage, score
from ${newestHealth}
where coverage < 1
order by coverage, device_id
limit 50`),
  ],
  field: { unit: 'string' },
  overrides: [...deviceLink(), ...scoreColumns()],
  options: { showHeader: true },
}

const costs: PanelContent = {
  type: 'table',
  title: 'What costs points, all devices',
  description:
    'Each finding, forecast, repetition and gap that takes points now: from how many devices, how many on average, and all together.',
  width: 24,
  height: 8,
  targets: [
    sqlQuery(`select cause, finding, count(distinct device_id) as devices,
  avg(points)::float8 as "points of each", sum(points)::float8 as "points of all"
from ${newestHealth} ${partsOf}
group by cause, finding
order by "points of all" desc, cause, finding`),
  ],
  field: { unit: 'string' },
  overrides: [numberColumns('devices|points of each|points of all')],
  options: { showHeader: true },
}

const nearest: PanelContent = {
  type: 'table',
  title: 'Nearest forecasts',
  description:
    'The 100 limits that will be reached first: the days left from now, and between which two days with 80 % confidence. Negative: the limit should have been passed. Level and limit are in the unit that the quantity has in its name.',
  width: 16,
  height: 10,
  targets: [
    sqlQuery(`select ${forecastColumns}
from ${newestForecasts}
where days is not null
order by days + since, device_id, finding
limit 100`),
  ],
  field: { unit: 'string' },
  overrides: [...deviceLink(), numberColumns('days left|earliest|latest'), levelColumns],
  options: { showHeader: true },
}

const noForecast: PanelContent = {
  type: 'table',
  title: 'Without a forecast',
  description:
    'What is watched for wear now and allows no forecast, why, and on how many devices. It says nothing of their health.',
  width: 8,
  height: 10,
  targets: [
    sqlQuery(`select finding, refused as why, count(*) as devices
from ${newestForecasts}
where days is null
group by finding, refused
order by devices desc, finding, refused`),
  ],
  field: { unit: 'string' },
  overrides: [numberColumns('devices')],
  options: { showHeader: true },
}
