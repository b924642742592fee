import { dashboard, type PanelContent, sqlQuery, statOptions } from './grafana.ts'
import { openOrders, stackedBars } from './shared-panels.ts'

/**
 * The 30 minutes run from detection, or from the upgrade that made the order an emergency; `arrive_by` is their end.
 * An order is decided once someone has arrived, or once `arrive_by` has passed with nobody there. Cancelled orders and false
 * alarms to which nobody came are left out: there was nothing to arrive at; drills too, for everybody knew. Arrival exactly at
 * the deadline has met it.
 *
 * `clock_from` is a column, for Grafana cuts a macro's argument at the first comma or parenthesis.
 */
const arrivalSeconds = 'extract(epoch from arrived_at - coalesce(upgraded_at, detected_at))::float8'
const emergencies = `(
  select *, coalesce(upgraded_at, detected_at) as clock_from, ${arrivalSeconds} as arrival_seconds
  from work_orders
  where type = 'emergency' and outcome is distinct from 'drill'
) as emergencies`
const isDecided = `(outcome is distinct from 'drill' and (arrived_at is not null
    or (arrive_by < now() and state <> 'cancelled' and outcome is distinct from 'false-alarm')))`
const isInTime = `case when arrived_at <= arrive_by then 1.0 else 0.0 end`
const isOverdue = `type = 'emergency' and state in ('raised', 'acknowledged', 'accepted') and arrive_by < now()`

/** Seconds; the promise is 30 minutes. */
const promise = [
  { color: 'green', value: null },
  { color: 'red', value: 1_800 },
]
const share = [
  { color: 'red', value: null },
  { color: 'orange', value: 0.9 },
  { color: 'green', value: 0.98 },
]

/** Whether people come in time, and how often for nothing. */
export function responseTimesDashboard() {
  return dashboard(
    {
      uid: 'liftwatt-response-times',
      title: 'Liftwatt: response times',
      description: 'Work orders: how many, how fast people came, how many were false alarms',
      time: { from: 'now-30d', to: 'now' },
      refresh: '1m',
    },
    [],
    [
      { title: 'Now', panels: [overdueNow, openOrders, withinThirtyMinutes, falseAlarms] },
      { title: 'In the time range', panels: [raisedPerDay, responseTimes, arrivalPerDay, byFinding] },
      { title: 'Orders', panels: [newestOrders] },
    ],
  )
}

const overdueNow: PanelContent = {
  type: 'stat',
  title: 'Overdue now',
  description: 'Emergency orders whose 30 minutes are over and where nobody has arrived, now, whatever the time range.',
  width: 4,
  height: 5,
  targets: [sqlQuery(`select count(*) as overdue\nfrom work_orders\nwhere ${isOverdue}`)],
  field: {
    unit: 'short',
    decimals: 0,
    color: { mode: 'thresholds' },
    thresholds: [
      { color: 'green', value: null },
      { color: 'red', value: 1 },
    ],
  },
  options: statOptions,
}

const withinThirtyMinutes: PanelContent = {
  type: 'stat',
  title: 'On site within 30 minutes',
  description:
    'Share of the emergency orders detected (or upgraded) in the time range that were reached by their deadline. Counted once somebody has arrived or the deadline has passed; cancelled orders and false alarms that nobody went to are left out. Without such an order: no data.',
  width: 8,
  height: 5,
  targets: [
    sqlQuery(`select avg(${isInTime}) as share
from ${emergencies}
where $__timeFilter(clock_from)
  and ${isDecided}`),
  ],
  field: { unit: 'percentunit', decimals: 1, min: 0, max: 1, color: { mode: 'thresholds' }, thresholds: share },
  options: statOptions,
}

const falseAlarms: PanelContent = {
  type: 'stat',
  title: 'Closed as false alarm',
  description: 'Share of the orders closed in the time range, of all types. Without a closed order: no data.',
  width: 4,
  height: 5,
  targets: [
    sqlQuery(`select avg(case when outcome = 'false-alarm' then 1.0 else 0.0 end) as share
from work_orders
where state = 'closed' and $__timeFilter(closed_at)`),
  ],
  field: { unit: 'percentunit', decimals: 1, min: 0, max: 1, color: { mode: 'fixed', fixedColor: 'text' } },
  options: statOptions,
}

const raisedPerDay: PanelContent = {
  type: 'timeseries',
  title: 'Orders raised per day',
  description: 'By type, per day (Asia/Shanghai). A day without a bar had none.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(
      `select date_trunc('day', raised_at, 'Asia/Shanghai') as time,
  count(*) filter (where type = 'emergency') as emergency,
  count(*) filter (where type = 'planned') as planned,
  count(*) filter (where type = 'inspection') as inspection,
  count(*) filter (where type = 'manual') as manual
from work_orders
where $__timeFilter(raised_at)
group by 1
order by 1`,
      'time_series',
    ),
  ],
  field: { ...stackedBars.field, color: { mode: 'palette-classic' } },
  options: stackedBars.options,
}

const steps = ['acknowledged', 'accepted', 'arrived', 'restored'] as const

const responseTimes: PanelContent = {
  type: 'table',
  title: 'Emergency orders: time to each step',
  description:
    'From detection (or upgrade) to acknowledged, accepted, arrived and restored, for the emergency orders detected (or upgraded) in the time range. Only orders that reached the step are in its percentiles; "orders" says how many.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(`with of_range as (
select * from ${emergencies}
where $__timeFilter(clock_from)
), steps as (
${steps
  .map(
    (step, index) =>
      `  select ${index} as nr, '${step}' as step, extract(epoch from ${step}_at - clock_from)::float8 as seconds from of_range`,
  )
  .join('\n  union all\n')}
)
select step, count(seconds) as orders,
  percentile_cont(0.5) within group (order by seconds) as p50,
  percentile_cont(0.9) within group (order by seconds) as p90,
  percentile_cont(0.99) within group (order by seconds) as p99
from steps
group by nr, step
order by nr`),
  ],
  field: { unit: 's', decimals: 0 },
  overrides: [
    { matcher: { id: 'byName', options: 'orders' }, properties: [{ id: 'unit', value: 'short' }] },
    { matcher: { id: 'byName', options: 'step' }, properties: [{ id: 'unit', value: 'string' }] },
  ],
  options: { showHeader: true },
}

const arrivalPerDay: PanelContent = {
  type: 'timeseries',
  title: 'Emergency orders: time to arrival per day',
  description:
    'Median and 90th percentile from detection (or upgrade) to arrival; the line is the promise of 30 minutes.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(
      `select date_trunc('day', clock_from, 'Asia/Shanghai') as time,
  percentile_cont(0.5) within group (order by arrival_seconds) as p50,
  percentile_cont(0.9) within group (order by arrival_seconds) as p90
from ${emergencies}
where arrived_at is not null and $__timeFilter(clock_from)
group by 1
order by 1`,
      'time_series',
    ),
  ],
  field: {
    unit: 's',
    min: 0,
    color: { mode: 'palette-classic' },
    thresholds: promise,
    custom: { drawStyle: 'line', showPoints: 'always', pointSize: 6, thresholdsStyle: { mode: 'dashed' } },
  },
  options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi' } },
}

const byFinding: PanelContent = {
  type: 'table',
  title: 'By finding',
  description:
    'Orders raised in the time range: how many, how many of them emergencies, the share reached within 30 minutes, the median time to arrival, and the share of closed ones that were false alarms. Empty cells: no data.',
  width: 12,
  height: 9,
  targets: [
    sqlQuery(`select finding, count(*) as orders,
  count(*) filter (where type = 'emergency') as emergency,
  avg(${isInTime}) filter (where type = 'emergency' and ${isDecided}) as "within 30 min",
  percentile_cont(0.5) within group (order by ${arrivalSeconds}) filter (where type = 'emergency' and outcome is distinct from 'drill') as "median arrival",
  avg(case when outcome = 'false-alarm' then 1.0 else 0.0 end) filter (where state = 'closed') as "false alarms"
from work_orders
where $__timeFilter(raised_at)
group by finding
order by orders desc, finding`),
  ],
  field: { unit: 'short' },
  overrides: [
    {
      matcher: { id: 'byRegexp', options: '/^(within 30 min|false alarms)$/' },
      properties: [
        { id: 'unit', value: 'percentunit' },
        { id: 'decimals', value: 1 },
      ],
    },
    {
      matcher: { id: 'byName', options: 'median arrival' },
      properties: [
        { id: 'unit', value: 's' },
        { id: 'decimals', value: 0 },
      ],
    },
    { matcher: { id: 'byName', options: 'finding' }, properties: [{ id: 'unit', value: 'string' }] },
  ],
  options: { showHeader: true },
}

const newestOrders: PanelContent = {
  type: 'table',
  title: 'Newest orders',
  description:
    'The 100 orders raised last in the time range. "arrival" is the time from detection (or upgrade) to arrival; empty = nobody has arrived.',
  width: 24,
  height: 12,
  targets: [
    sqlQuery(`select raised_at as raised, type, severity, state, device_id as device, finding, summary, arrive_by as "arrive by",
  case when arrive_by is not null then ${arrivalSeconds} end as arrival,
  case when ${isOverdue} then 'overdue'
    when arrive_by is null or not ${isDecided} then ''
    when arrived_at <= arrive_by then 'in time' else 'late' end as "30 minutes",
  outcome
from work_orders
where $__timeFilter(raised_at)
order by raised_at desc
limit 100`),
  ],
  field: { unit: 'string' },
  overrides: [
    {
      matcher: { id: 'byName', options: 'arrival' },
      properties: [
        { id: 'unit', value: 's' },
        { id: 'decimals', value: 0 },
      ],
    },
    {
      matcher: { id: 'byRegexp', options: '/^(raised|arrive by)$/' },
      properties: [{ id: 'unit', value: 'dateTimeAsLocal' }],
    },
  ],
  options: { showHeader: true },
}
