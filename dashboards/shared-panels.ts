import { type FieldOverride, type PanelContent, sqlQuery, statOptions } from './grafana.ts'

const severityColours = { critical: 'dark-red', urgent: 'red', warning: 'orange', info: 'blue' }

/** The colour of a severity is the same wherever it is shown. */
export const severityOverrides: FieldOverride[] = Object.entries(severityColours).map(([severity, fixedColor]) => ({
  matcher: { id: 'byName', options: severity },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
}))

/** Counts as stacked bars, with what each stands for below. */
export const stackedBars = {
  field: {
    unit: 'short',
    decimals: 0,
    min: 0,
    custom: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, stacking: { mode: 'normal', group: 'A' } },
  },
  options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi' } },
}

export const openOrders: PanelContent = {
  type: 'stat',
  title: 'Open orders',
  description: 'Orders neither closed nor cancelled, now; "emergency" ones need someone on site within 30 minutes.',
  width: 8,
  height: 5,
  targets: [
    sqlQuery(`select
  count(*) filter (where type = 'emergency') as emergency,
  count(*) filter (where type = 'planned') as planned,
  count(*) filter (where type not in ('emergency', 'planned')) as other
from work_orders
where state not in ('closed', 'cancelled')`),
  ],
  field: { unit: 'short', decimals: 0, color: { mode: 'fixed', fixedColor: 'text' } },
  options: statOptions,
}

export const openIncidents: PanelContent = {
  type: 'stat',
  title: 'Open incidents by severity',
  description:
    'Incidents whose condition is still there, now. Those in state "unknown" are counted apart: nobody can say.',
  width: 8,
  height: 5,
  targets: [
    sqlQuery(`select
  count(*) filter (where state = 'open' and severity = 'critical') as critical,
  count(*) filter (where state = 'open' and severity = 'urgent') as urgent,
  count(*) filter (where state = 'open' and severity = 'warning') as warning,
  count(*) filter (where state = 'open' and severity = 'info') as info,
  count(*) filter (where state = 'unknown') as unknown
from incidents
where state in ('open', 'unknown')`),
  ],
  field: { unit: 'short', decimals: 0, color: { mode: 'fixed', fixedColor: 'text' } },
  overrides: severityOverrides,
  options: statOptions,
}
