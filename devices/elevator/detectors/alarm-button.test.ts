import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { alarmButton } from './alarm-button.ts'
import { changesOnly, every10s, news, oneByOne, type Said, said, settles, start } from './said.ts'

const waiting = {
  doorState: 'closed',
  doorZone: true,
  carSpeedMps: 0,
  floor: 3,
  passengerPresent: true,
  alarmButton: false,
}
const pressing = { ...waiting, alarmButton: true }
const riding = { ...waiting, carSpeedMps: 1.75 }
const open = { ...waiting, doorState: 'open' }

const found = (stream: readonly Said[], until = 0) =>
  news(alarmButton, withTicks(stream, { until: start + until * 1_000 }))

test('a button that is pressed behind a closed door is urgent after 15 s, and the reason is in words', () => {
  const [raised] = replay(alarmButton, withTicks([...every10s(0, 20, waiting), ...every10s(30, 60, pressing)]))

  expect(raised?.at).toBe(start + 45_000)
  expect(raised?.finding).toEqual({
    severity: 'urgent',
    summary: 'The alarm button was pressed and the door has not opened for 15 s (limit 15 s)',
    evidence: { waitingSeconds: 15, limitSeconds: 15, stillPressed: true, nobodySeen: false, floor: 3 },
    since: start + 30_000,
  })
})

test('a short press is one, as nobody has to hold it', () => {
  expect(found([...every10s(0, 20, waiting), said(30, pressing), ...every10s(40, 90, waiting)])).toEqual(['urgent 45'])
})

test('a press on a ride counts from the stop on, when the door does not open', () => {
  const press = [...every10s(0, 20, riding), said(30, { ...riding, alarmButton: true })]
  expect(found([...press, ...every10s(40, 90, waiting)])).toEqual(['urgent 55'])
})

test('a press is remembered for two minutes, through a ride', () => {
  const press = [said(0, riding), said(10, { ...riding, alarmButton: true })]
  const stop = (seconds: number) => [...every10s(20, seconds - 10, riding), ...every10s(seconds, 400, waiting)]

  expect(found([...press, ...stop(110)])).toEqual(['urgent 125'])
  expect(found([...press, ...stop(120)])).toEqual([])
  expect(found([said(0, waiting), said(10, pressing), said(20, riding), ...every10s(30, 90, waiting)])).toEqual([
    'urgent 45',
  ])
})

test('a code of people at work that nothing ends silences the button for half an hour', () => {
  const coded = (minutes: number) => said(-60 * minutes, { ...open, faultCode: '43' })
  const press = [...every10s(0, 20, waiting), ...every10s(30, 90, pressing)]

  expect(found([coded(28), ...press])).toEqual([])
  expect(found([coded(31), ...press])).toEqual(['urgent 45'])
})

test('an elevator that tells its button only is believed by it, and clears when it has been up for a minute', () => {
  const press = [said(0, { alarmButton: false }), said(10, { alarmButton: true }), said(40, { alarmButton: false })]
  expect(found(press, 200)).toEqual(['urgent 25', 'cleared 100'])
  // one that tells of its door as well has to open it
  expect(found([said(-5, { doorState: 'closed' }), ...press], 200)).toEqual(['urgent 25'])
})

test('a car that waits, nobody pressing, leaves the state as it is', () => {
  expect(settles(alarmButton, waiting)).toBe(true)
})

test('where the sensor sees nobody, a button must stay down for a minute', () => {
  const nobody = (values: Said['values']) => ({ ...values, passengerPresent: false })
  const before = every10s(0, 20, nobody(waiting))

  expect(found([...before, ...every10s(30, 80, nobody(pressing)), ...every10s(90, 300, nobody(waiting))])).toEqual([])
  expect(found([...before, ...every10s(30, 120, nobody(pressing))])).toEqual(['urgent 90'])
})

test('the city’s code is a press as well, whether or not the elevator tells its button, and both are one', () => {
  const coded = (code: string) => ({ doorState: 'closed', carSpeedMps: 0, faultCode: code })
  const press = [...every10s(0, 20, coded('00')), ...every10s(30, 90, coded('90'))]
  const both = press.map(({ at, values }) => ({ at, values: { ...values, alarmButton: values.faultCode === '90' } }))

  expect(found(press)).toEqual(['urgent 45'])
  expect(found(press.map(({ at, values }) => ({ at, values: { ...values, alarmButton: false } })))).toEqual([
    'urgent 45',
  ])
  expect(found([said(-10, { alarmButton: false }), ...press])).toEqual(['urgent 45'])
  expect(found(both)).toEqual(['urgent 45'])
  expect(
    found([...both, said(100, { ...coded('90'), alarmButton: false }), ...every10s(110, 400, coded('90'))]),
  ).toEqual(['urgent 45'])
})

test('a code that stands is no button held down, where the elevator tells its button; one that stood at first is no press', () => {
  const empty = { doorState: 'closed', carSpeedMps: 0, passengerPresent: false }
  const coded = (more: Said['values']) => [
    said(0, { ...empty, ...more, faultCode: '00' }),
    ...every10s(10, 300, { ...empty, ...more, faultCode: '90' }),
  ]

  expect(found(coded({ alarmButton: false }))).toEqual([])
  expect(found(coded({}))).toEqual(['urgent 70'])
  expect(found(every10s(0, 300, { ...waiting, faultCode: '90' }))).toEqual([])
})

test('a code is a press of its own when it comes a minute after the button went down, not while it is down', () => {
  const answered = [said(0, waiting), said(30, pressing), said(35, waiting), ...every10s(40, 50, open)]
  const coded = (from: number) => [
    ...every10s(60, from - 1, waiting),
    ...every10s(from, 200, { ...waiting, faultCode: '90' }),
  ]

  expect(found([...answered, ...coded(90)])).toEqual([])
  expect(found([...answered, ...coded(91)])).toEqual(['urgent 106'])
  const stuck = [said(0, waiting), said(30, pressing), said(40, { ...open, alarmButton: true })]
  expect(
    found([...stuck, ...every10s(50, 100, pressing), ...every10s(110, 200, { ...pressing, faultCode: '90' })]),
  ).toEqual([])
})

test('each metric in a reading of its own, and each change told once, are found as well', () => {
  const stream = [...every10s(0, 20, waiting), ...every10s(30, 60, pressing)]

  expect(found(oneByOne(stream))).toEqual(['urgent 45'])
  expect(found(changesOnly(stream), 120)).toEqual(['urgent 45'])
})

test('in a mode in which nobody works it counts', () => {
  for (const mode of ['emergency-power', 'earthquake', 'out-of-service']) {
    expect(found([said(0, { ...waiting, mode }), ...every10s(10, 60, pressing)])).toEqual(['urgent 25'])
  }
})

test('it says so again, clears a minute after the door opened or the car moved, and not by letting go or by silence', () => {
  const event = [said(0, waiting), ...every10s(10, 60, pressing)]

  expect(replayAll(alarmButton, event).length).toBeGreaterThan(3)
  expect(found([...event, said(70, open), ...every10s(80, 120, waiting)])).toEqual(['urgent 25'])
  expect(found([...event, said(70, open), ...every10s(80, 130, waiting)])).toEqual(['urgent 25', 'cleared 130'])
  expect(found([...event, ...every10s(70, 130, riding)])).toEqual(['urgent 25', 'cleared 130'])
  expect(found([...event, said(70, open)], 160)).toEqual(['urgent 25', 'cleared 130'])
  expect(found([...event, ...every10s(70, 900, { ...open, mode: 'inspection' })])).toEqual(['urgent 25'])
  expect(found([...event, ...every10s(70, 3_600, waiting)])).toEqual(['urgent 25'])
  expect(found(event, 86_400)).toEqual(['urgent 25'])
})

test('pressed again while it clears, it goes on', () => {
  const event = [said(0, waiting), ...every10s(10, 60, pressing), said(70, open), ...every10s(80, 90, waiting)]
  expect(found([...event, ...every10s(100, 400, pressing)])).toEqual(['urgent 25'])
})

test.each<[string, Said[]]>([
  ['a button that has been stuck for years', every10s(0, 900, pressing)],
  [
    'a button that sticks after a press in normal service',
    [
      said(0, riding),
      said(10, { ...riding, alarmButton: true }),
      said(20, { ...open, alarmButton: true }),
      ...every10s(30, 900, pressing),
    ],
  ],
  [
    'a child who presses and releases it on a ride',
    [
      ...every10s(0, 20, riding),
      said(30, { ...riding, alarmButton: true }),
      said(40, riding),
      said(50, waiting),
      ...every10s(60, 90, open),
      ...every10s(100, 400, waiting),
    ],
  ],
  [
    'the same where only changes are told, the speed once before the ride',
    [
      said(0, { ...waiting, brakeState: 'applied' }),
      said(20, { brakeState: 'released' }),
      said(22, { alarmButton: true }),
      said(25, { alarmButton: false }),
      said(26, { floor: 4 }),
      said(50, { brakeState: 'applied' }),
      said(53, { doorState: 'opening' }),
    ],
  ],
  [
    'a press on a ride that lasts for minutes',
    [
      said(0, riding),
      said(10, { ...riding, alarmButton: true }),
      ...every10s(20, 140, riding),
      ...every10s(150, 400, waiting),
    ],
  ],
  [
    'a press while the door is open',
    [said(0, open), ...every10s(10, 60, { ...open, alarmButton: true }), ...every10s(70, 400, pressing)],
  ],
  [
    'a press in a car whose door opens within 10 s',
    [
      ...every10s(0, 20, waiting),
      said(30, pressing),
      said(40, { ...pressing, doorState: 'opening' }),
      ...every10s(50, 400, pressing),
    ],
  ],
  [
    'the code of a press that the door has answered already',
    [
      ...every10s(0, 20, { ...waiting, faultCode: '00' }),
      said(30, pressing),
      said(35, waiting),
      ...every10s(40, 50, open),
      ...every10s(60, 400, { ...waiting, faultCode: '90' }),
    ],
  ],
  [
    'a press whose door cycle was seen at its end only',
    [
      ...every10s(0, 20, waiting),
      said(30, pressing),
      said(40, { ...waiting, doorState: 'closing' }),
      ...every10s(50, 400, waiting),
    ],
  ],
  [
    'a short spike from an empty car',
    [
      said(0, { ...waiting, passengerPresent: false }),
      said(10, { ...pressing, passengerPresent: false }),
      ...every10s(20, 900, { ...waiting, passengerPresent: false }),
    ],
  ],
  [
    'a mechanic who tests it in inspection mode',
    [said(0, { ...waiting, mode: 'inspection' }), ...every10s(10, 600, pressing)],
  ],
  [
    'the same, told by a code of an elevator without a mode',
    [said(0, { ...waiting, faultCode: '43' }), ...every10s(10, 600, pressing)],
  ],
])('stays silent for %s', (_, stream) => {
  expect(found(stream, 600)).toEqual([])
})

test('a press in a car that boards as the door closes counts', () => {
  const press = [said(0, open), said(10, { ...pressing, doorState: 'closing' }), ...every10s(20, 60, pressing)]
  expect(found(press)).toEqual(['urgent 25'])
})

test('a press that the mechanic made is forgotten when he leaves', () => {
  const test = [
    said(0, { ...waiting, mode: 'inspection' }),
    said(10, pressing),
    said(20, { ...waiting, mode: 'normal' }),
  ]
  expect(found([...test, ...every10s(30, 400, waiting)])).toEqual([])
})

test('it is never early, and no gap completes its wait', () => {
  const before = [{ at: -10_000, values: waiting }]
  expectNeverEarly(alarmButton, { holds: pressing, calm: { ...open, alarmButton: false }, seconds: 15, before })
})
