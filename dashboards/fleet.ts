import { metricCatalogue } from '../devices/index.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { dashboard, influxQl, type PanelContent, type Section, sqlQuery, statOptions } from './grafana.ts'
import { devicePicker, kindSection } from './kind-panels.ts'
import { openIncidents, openOrders, severityOverrides, stackedBars } from './shared-panels.ts'

/** How it stands with all devices, then every curve of the chosen ones. */
export function fleetDashboard(kinds: readonly DeviceKind[]) {
  return dashboard(
    {
      uid: 'liftwatt-fleet',
      title: 'Liftwatt: fleet',
      description: 'Open orders and incidents, the age of the data, and the curves of chosen devices',
      time: { from: 'now-6h', to: 'now' },
      refresh: '30s',
    },
    kinds.map(devicePicker),
    [overview(kinds), ...kinds.map((kind) => kindSection(kind, metricCatalogue[kind.id] ?? {}))],
  )
}

function overview(kinds: readonly DeviceKind[]): Section {
  return {
    title: 'Now',
    panels: [openOrders, openIncidents, lastData(kinds), incidentsPerDay, ...kinds.map(quietest)],
  }
}

/** One number per kind: when the newest reading reached us. */
function lastData(kinds: readonly DeviceKind[]): PanelContent {
  return {
    type: 'stat',
    title: 'Last data',
    description:
      'How long ago the newest reading of each kind reached us. Looks back 30 days, whatever the time range; beyond that, no data.',
    width: 8,
    height: 5,
    targets: kinds.map(({ id, title }, index) =>
      influxQl(
        String.fromCharCode(65 + index),
        `SELECT last("receivedAt") AS "receivedAt" FROM "${id}" WHERE time > now() - 30d`,
        { alias: title.en },
      ),
    ),
    field: { unit: 'dateTimeFromNow', color: { mode: 'fixed', fixedColor: 'text' } },
    options: statOptions,
  }
}

/** Whoever has been silent for longest comes first. */
function quietest({ id, title }: DeviceKind): PanelContent {
  return {
    type: 'table',
    title: `Quietest: ${title.en}`,
    description:
      'The 20 devices whose last reading reached us longest ago. Silence is not health: nothing is known about a silent device. Looks back 30 days, whatever the time range; a device that never sent anything is not in here.',
    width: 12,
    height: 8,
    targets: [
      influxQl(
        'A',
        [
          'SELECT bottom("newest", "device", 20) AS "lastReceived"',
          `FROM (SELECT last("receivedAt") AS "newest" FROM "${id}" WHERE time > now() - 30d GROUP BY "device")`,
        ].join(' '),
        { table: true },
      ),
    ],
    field: { unit: 'dateTimeFromNow' },
    overrides: [
      { matcher: { id: 'byName', options: 'Time' }, properties: [{ id: 'custom.hidden', value: true }] },
      { matcher: { id: 'byName', options: 'device' }, properties: [{ id: 'unit', value: 'string' }] },
    ],
    options: { showHeader: true, sortBy: [{ displayName: 'lastReceived', desc: false }] },
  }
}

const incidentsPerDay: PanelContent = {
  type: 'timeseries',
  title: 'Incidents per day',
  description:
    'Incidents detected per day (Asia/Shanghai) by severity, over the last 30 days, whatever the time range. A day without a bar had none.',
  width: 24,
  height: 7,
  timeFrom: '30d',
  targets: [
    sqlQuery(
      `select date_trunc('day', detected_at, 'Asia/Shanghai') as time,
  count(*) filter (where severity = 'critical') as critical,
  count(*) filter (where severity = 'urgent') as urgent,
  count(*) filter (where severity = 'warning') as warning,
  count(*) filter (where severity = 'info') as info
from incidents
where $__timeFilter(detected_at)
group by 1
order by 1`,
      'time_series',
    ),
  ],
  field: stackedBars.field,
  overrides: severityOverrides,
  options: stackedBars.options,
}
