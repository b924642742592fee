import { expect, test } from 'vitest'
import { isFindingOfSameEvent, isReportOfSameEvent, saysTrapped, tellsOfTrapped } from './same-event.ts'

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

// people, inside, of what stands or is broken: none of these words alone says it

test.each([
  ...[
    '电梯卡住了，里面有人',
    '电梯坏了，有小孩在里面',
    '里面有人，不动了',
    '坏了！里面还有两个老人',
    '我妈还在电梯里，电梯停了',
  ],
  ...['电梯停电里面有人请来维修', '门打不开，我在里面', '轿厢内有乘客，电梯发生故障', '不知道里面有没有人，电梯卡住了'],
  ...[
    '电梯故障，里面两个人',
    '电梯骤停，乘客在内',
    '电梯停了，里面3个人',
    '不是没有人被困，电梯停在3楼，里面有两个老人',
  ],
  ...['elevator stuck with people', 'The lift has stopped with two passengers inside'],
  ...['没人来，有孩子在里面，电梯不动', '里面有人呼救', '电梯里有3个学生,停在3楼', '电梯掉下来了，里面有人'],
  ...['There are people inside, the lift does not move', 'The elevator is broken and my mother is in it'],
  ...[
    'Lift broke down with two kids inside',
    "It won't move, we're in the lift",
    'Someone inside, the doors will not open',
  ],
  ...['Nobody came, a child is inside and the lift is out of order', 'He is still in there and it has stopped'],
  ...['The alarm bell rings, there is somebody in the car', 'THE LIFT STOPPED WORKING. THERE IS A MAN INSIDE'],
  ...['电梯卡了，里面有人', '人被锁电梯里了', '有个老太太卡电梯里了', '电梯停电，有乘客在轿厢', '电梯里有人拍门'],
  ...[
    '快递小哥被夹在电梯门里了',
    '手被电梯门夹了',
    '电梯掉下去了，里面有人',
    '梯里有人，按铃没人应',
    '孩子一个人在电梯，电梯不动',
  ],
  ...[
    "We're inside the lift and it won't open",
    "people in the lift, it isn't moving",
    'Kids in the lift, doors jammed',
  ],
  ...[
    "There's a child in the lift, power's out",
    'Elevator has stopped. 3 pax inside',
    'they cannot leave the elevator',
  ],
  ...['the doors closed and will not open, three persons are in the car', 'The lift dropped and people are in it'],
  ...['Someone is banging on the lift door from inside', 'We are in the lift and there is no power'],
  ...['困梯', '电梯里面有人，打不开门', '电梯把人卡里面了', '电梯里憋着两个人', '一名老人滞留轿厢', '乘客无法离开轿厢'],
  ...['电梯停了，听到里面有敲门声', 'passenger stranded in lift', 'screaming from the elevator shaft'],
  ...['elevator doors closed on us and nothing happens'],
])('"%s" says that somebody is shut in', (words) => {
  expect(saysTrapped(words)).toBe(true)
})

test.each([
  ...[
    '电梯卡住了，里面没有人',
    '电梯坏了，没人在里面',
    '电梯坏了，轿厢内无人',
    '电梯卡住了，人不在里面',
    '没有乘客在电梯里，电梯停了',
  ],
  ...[
    '我在电梯里看到灯坏了',
    '电梯灯坏了，里面有人',
    '电梯里有人抽烟，按钮卡住',
    '群里有人说电梯坏了',
    '小区里面有人投诉电梯故障',
  ],
  ...['有维修人员在里面，电梯停了', '有人在里面检修，电梯不动', '电梯里有人，正常运行', '电梯没有卡住，里面有人'],
  ...['有一个箱子在里面，电梯坏了', '外面有人等，电梯不动', '电梯停在一楼，门开着，里面有人'],
  ...['The lift does not move, nobody is inside', 'There is no one in the lift, it has stopped'],
  ...['The lift is broken, no people inside', 'The light in the lift is broken, people inside see nothing'],
  ...[
    'People inside are singing',
    'The lift is broken, people wait outside',
    'The technician is inside, the lift does not move',
  ],
  ...[
    'A bag is inside, the lift is broken',
    'People are not inside, the lift has stopped',
    'We are in the lobby, the lift is broken',
  ],
  ...['The lift does not move, the doors are open and people are inside'],
  ...[
    '电梯停了，有人在电梯口等',
    '电梯坏了，很多人在电梯外面',
    '钥匙卡在电梯门里了',
    '按钮被卡住',
    '有人踢门把电梯门踢坏了',
  ],
  ...[
    '门禁卡在电梯里刷不了',
    '停车卡在电梯里丢了',
    '梯控卡在电梯内不识别',
    'IC卡电梯里刷不了',
    '请关电梯里的灯',
    '物业把广告牌锁在电梯里',
  ],
  ...['小哥被门夹了一下已经走了', '门禁卡被电梯门夹了', '电梯坏了，业主在内部群投诉', '电梯故障，楼里两个人投诉'],
  ...['The lift is stuck, please deal with people who complain', 'Elevator broken: door with a child seat in front'],
  ...['未发生困梯', '快递滞留轿厢', '广告牌卡里面了', '电梯停了，机房里面有敲门声', 'A bag is stranded in the lobby'],
  ...['乘客滞留在电梯口', '乘客无法离开电梯厅', '困梯演练', '防困梯演习', '困梯已解除'],
  ...['Banging noise from the elevator when it starts', 'A strange hammering noise from the lift motor room'],
  ...['Knocking from the elevator machine room', 'Calling from the lift company about the visit tomorrow'],
  ...[
    'A tenant is calling from the car park: the gate will not open',
    'I am calling from the elevator lobby, button dark',
  ],
  ...['The power is out in the lobby', 'The lobby door will not open', 'People in the lift say it is slow'],
])('"%s" does not say it', (words) => {
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

test.each([
  ['hotline/report', '有人被困电梯', true],
  ['camera/people-trapped', 'Event 3312', true],
  ['camera/people-trapped', 'Nobody is trapped', false],
  ['alertmanager/no-one-trapped', 'The car is empty', false],
  ['hotline/report', 'The lamp is broken', false],
])('another system that tells "%s: %s" says that somebody is trapped: %s', (finding, summary, says) => {
  expect(tellsOfTrapped({ finding, summary })).toBe(says)
})
