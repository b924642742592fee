import { expect, test } from 'vitest'
import { isFindingOfSameEvent, isReportOfSameEvent, saysTrapped } from './same-event.ts'

test.each([
  ...[
    'People trapped',
    'Someone is stuck, please hurry',
    'Two women stuck inside',
    'We cannot get out',
    "I can't get out",
  ],
  ...[
    'A child is locked in',
    'No light, and a man is stuck',
    'ENTRAPMENT in car 3',
    'Nobody answers, people are trapped',
    'It does not move and we are stuck',
  ],
  ...[
    'Nobody came and we are stuck in the lift',
    'nobody comes for two trapped people',
    'No one helps people trapped here',
  ],
  ...[
    "We're stuck",
    'I’m stuck',
    'He is stuck',
    'My mother is stuck',
    'three of us are stuck',
    'We have been stuck for an hour',
  ],
  ...["A child's hand is stuck in the door", 'stuck inside the cabin'],
  ...['是不是有人被困', '有没有人被困不清楚', '有无人员被困'],
  ...['电梯困人', '有两人被困在3楼', '老人关在电梯里出不来', '无法开门，有人被困'],
])('"%s" says that somebody is trapped', (words) => {
  expect(saysTrapped(words)).toBe(true)
})

test.each([
  ...['The lamp in the car is broken', 'The door is stuck', 'The button is stuck', 'It smells of smoke', 'Stuck'],
  ...['Nobody is trapped', 'no one trapped, but it stands', 'No passengers are stuck', 'They are not trapped any more'],
  ...['none of the passengers is stuck', 'A key stuck in the lock', 'paper stuck in the door', 'stuck inside the slot'],
  ...['轿厢灯坏了', '电梯停了，无人被困', '没有人被困', '没有乘客被困', '未困人', '不是困人', '按钮卡住'],
])('"%s" does not', (words) => {
  expect(saysTrapped(words)).toBe(false)
})

const order = (finding: string, summary = 'It is so') => ({ finding, summary })
const report = (summary: string) => order('manual/report', summary)
const trapped = report('People trapped')
const stands = report('The lift has stopped between two floors')
const lamp = report('The lamp is broken')

test.each([
  ...[trapped, stands, order('elevator/alarm-button')].flatMap((heard) =>
    ['elevator/entrapment', 'camera/entrapment', 'elevator/alarm-button', 'elevator/stopped-outside-zone'].map(
      (finding) => [heard, order(finding), true] as const,
    ),
  ),
  ...[order('elevator/door-fault'), order('elevator/mains-lost'), lamp].map((one) => [trapped, one, false] as const),
  [trapped, stands, true],
  [order('camera/entrapment'), trapped, true],
  [stands, stands, false],
  [lamp, order('elevator/entrapment'), false],
  [order('elevator/door-fault'), order('elevator/entrapment'), false],
] as const)('a report %j and an order %j are the same event: %s', (heard, about, isSame) => {
  expect(isReportOfSameEvent(heard, about)).toBe(isSame)
})

test.each([
  ['elevator/entrapment', [trapped, stands, order('camera/entrapment'), order('elevator/alarm-button')], true],
  ['elevator/door-fault', [trapped, stands, order('camera/entrapment')], true],
  ['elevator/door-fault', [order('elevator/alarm-button'), lamp], false],
  ['elevator/motor-over-temperature', [trapped, stands, order('elevator/entrapment')], false],
  ['elevator/entrapment', [lamp, order('elevator/door-fault')], false],
])('what a sensor finds (%s) and orders %j are the same event: %s', (finding, orders, isSame) => {
  expect(orders.map((about) => isFindingOfSameEvent({ finding }, about))).toEqual(orders.map(() => isSame))
})
