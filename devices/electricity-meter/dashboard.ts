import type { DashboardPanel } from '../kind.ts'

export const electricityMeterDashboard: readonly DashboardPanel[] = [
  {
    title: 'Temperatures',
    description:
      'Terminal, cable and electronics against the air in the box; a terminal that leaves the others is loose.',
    metrics: ['terminalCelsius', 'cableCelsius', 'ambientCelsius', 'meterCelsius'],
    unit: 'celsius',
    limits: [
      { value: 60, label: 'warning' },
      { value: 70, label: 'urgent' },
      { value: 85, label: 'critical' },
    ],
  },
  {
    title: 'Leakage',
    description: 'Residual current. A 30 mA device may trip from 15 mA on.',
    metrics: ['residualMilliamps'],
    unit: 'mamp',
    limits: [{ value: 15, label: 'urgent behind a 30 mA device' }],
  },
  {
    title: 'Current',
    description: 'Line and neutral. What the line has more than the neutral leaks, coarsely.',
    metrics: ['amps', 'neutralAmps'],
    unit: 'amp',
  },
  {
    title: 'Voltage',
    description: 'On the supply side of the breaker; GB/T 12325 allows 198 to 235.4 V.',
    metrics: ['volts'],
    unit: 'volt',
    limits: [
      { value: 160, label: 'urgent below' },
      { value: 187, label: 'warning below' },
      { value: 253, label: 'warning' },
      { value: 275, label: 'critical' },
    ],
  },
  { title: 'Power', description: 'Active power; negative feeds in.', metrics: ['watts'], unit: 'watt' },
  {
    title: 'Power factor',
    description: '1 for heaters, 0.5 to 0.7 for simple chargers.',
    metrics: ['powerFactor'],
    unit: 'short',
  },
  { title: 'Energy', description: 'The meter’s counter.', metrics: ['energyKwh'], unit: 'kwatth' },
  { title: 'Frequency', description: 'Mains frequency.', metrics: ['hertz'], unit: 'hertz' },
  {
    title: 'Arcs',
    description: 'Half-cycles with an arc in the worst second since the last reading; GB 14287.4 alarms at 14.',
    metrics: ['arcHalfCycles'],
    unit: 'short',
    limits: [{ value: 14, label: 'critical' }],
  },
  {
    title: 'Breaker and room',
    description: 'Is the breaker closed, is someone there?',
    metrics: ['breaker', 'occupied'],
    unit: 'short',
  },
]
