import { kinds } from '../devices/index.ts'
import { fleetDashboard } from './fleet.ts'
import type { Dashboard } from './grafana.ts'
import { healthDashboard } from './health.ts'
import { responseTimesDashboard } from './response-times.ts'

export const dashboards: readonly Dashboard[] = [fleetDashboard(kinds), responseTimesDashboard(), healthDashboard()]

/** File name in `generated/` → its content. */
export function generatedFiles(): Map<string, string> {
  return new Map(dashboards.map((board) => [`${board.uid}.json`, `${JSON.stringify(board, null, 2)}\n`]))
}
