import { expect, test } from 'vitest'
import { reportOf } from './alertmanager.ts'

test.each([
  ['critical', 'CRITICAL'],
  ['urgent', 'high'],
  ['urgent', 'P1'],
  ['urgent', 'CRIT'],
  ['urgent', ''],
  ['urgent', undefined],
  ['warning', 'Warn'],
  ['info', 'none'],
])('an alert is %s when its label says %s: what nobody can read cannot wait', (severity, said) => {
  const labels = { alertname: 'TooHot', device_id: 'elv-1', ...(said !== undefined && { severity: said }) }
  const alert = { status: 'firing', labels, annotations: {}, startsAt: 0, fingerprint: 'c0ffee' } as const
  expect(reportOf(alert, 'prometheus').severity).toBe(severity)
})
