import type { Command } from 'commander'
import { listWord, showWord } from './list-show.ts'

interface IncidentRow {
  id: string
  state: string
  severity: string
  finding: string
  scope: { type: string; id: string }
  count: number
  detectedAt: string
  orderId: string | null
  suppressed: { by: string } | null
}

export function incidentCommands(program: Command): void {
  const incident = program
    .command('incident')
    .description('What was detected')
    .addHelpText('after', '\nExample:\n  liftwatt incident list --state open')

  listWord<IncidentRow>(incident, {
    path: '/incidents',
    description: 'Incidents, newest first',
    filters: [
      ['--state <state>', 'open or cleared'],
      ['--finding <finding>', 'such as elevator/entrapment'],
      ['--device <id>', 'of this device'],
      ['--parent <id>', 'what this incident collects or explains'],
    ],
    apiNames: { device: 'deviceId', parent: 'parentId' },
    example: 'liftwatt incident list --state open --finding elevator/entrapment',
    none: 'No such incident.',
    cells: ({ id, state, severity, finding, scope, count, detectedAt, orderId, suppressed }) => [
      id,
      state,
      severity,
      finding,
      `${scope.type}:${scope.id}`,
      `${count} times`,
      detectedAt,
      orderId ?? (suppressed === null ? 'no order' : `no order: ${suppressed.by}`),
    ],
  })

  showWord(incident, {
    description: 'One incident, with its evidence and what it collects',
    path: (id) => `/incidents/${id}`,
    example: 'liftwatt incident show <id>\n<id> is the first column of "liftwatt incident list".',
  })
}
