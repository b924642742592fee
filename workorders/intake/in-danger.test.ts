import { expect, test } from 'vitest'
import { saysCarIsDangerous, saysHurt } from './in-danger.ts'

test.each([
  ...['轿厢内有人晕倒', '电梯里老人突然昏迷', '有人受伤，流了很多血', '孩子手被夹伤', '电梯门夹人了', '厨房有人触电'],
  ...['孕妇要生了', '里面的人喘不过气', '不是没有人受伤，是两个', '有没有人受伤不清楚', '里面老人怕是晕倒了'],
  ...['没人来，有人晕倒', '上周修过，现在有人晕倒', '有人不小心掉进井道', '门夹到人', '没有呼吸了'],
  ...['不小心夹伤了孩子', '爱人晕倒了', '情况异常有人受伤', '消防说有人晕倒', '开会时有人晕倒'],
  ...[
    '我朋友晕了',
    '乘客晕厥',
    '电梯门夹住老人',
    '电梯夹小孩',
    '老人在电梯里摔倒了',
    'an old lady has fallen in the lift',
  ],
  ...[
    'A man fainted in the lift',
    'She is unconscious',
    'my father is bleeding',
    'people are hurt',
    "he can't breathe",
  ],
  ...['The child was hit by the door', 'Someone fell into the shaft', 'Nobody comes and a woman has collapsed'],
])('"%s" says that somebody is hurt', (words) => {
  expect(saysHurt(words)).toBe(true)
})

test.each([
  ...['没有人受伤', '无人晕倒', '无人员受伤', '未造成人员受伤', '没有人晕倒，只是停了', '没人被夹伤', '电梯没夹人'],
  ...['电梯门经常夹人', '关门太快容易夹人', '怕夹人', '差点夹伤孩子', '防夹人装置坏了', '有触电风险', '请避免触电'],
  ...['上周有人受伤，请检查', '困人晕倒应急演练', '钥匙掉进井道', '有人手机掉进井道', '坐电梯头晕', '按钮没反应'],
  ...['无人被困', '电梯停在3楼', '漏电隐患可能使人触电', '没有人摔倒', '地面湿滑容易摔倒', '夹层有人', '门夹到东西'],
  ...[
    'Nobody is hurt',
    'no one was injured',
    'No injuries',
    'They are not hurt',
    "She isn't hurt",
    '门会夹人',
    'Last week a man fainted here',
  ],
  ...['bleeding the valve', 'risk of electric shock', 'A trolley was hit by the door', 'a key fell into the shaft'],
  ...['Drill: a passenger fainted', 'The ceiling collapsed', 'none of the passengers is injured'],
])('"%s" does not say so', (words) => {
  expect(saysHurt(words)).toBe(false)
})

test.each([
  ...[
    '电梯坠落',
    '电梯突然下坠',
    '轿厢急坠到底',
    '从5楼坠落',
    '电梯掉了三层',
    '电梯掉下去了',
    '坠梯',
    '电梯蹲底',
    '里面有人，突然下坠',
  ],
  ...['The lift fell', 'the elevator suddenly dropped two floors', 'Lift plunged with people', 'free fall of the car'],
])('"%s" says that the car itself is a danger', (words) => {
  expect(saysCarIsDangerous(words)).toBe(true)
})

test.each([
  ...[
    '电梯没有坠落',
    '有坠落风险',
    '电梯吊顶坠落',
    '手机掉下去了',
    '电梯广告牌掉下来了',
    '冲顶试验',
    '坠落演练',
    '去年电梯坠落过',
  ],
  ...['电梯差点坠落', '防坠落装置', '电梯掉漆', '电梯没电'],
  ...['The elevator fell out of service', 'the lift dropped offline', 'elevator dropped from the network'],
  ...['The lift has not fallen', 'Yesterday the lift fell'],
])('"%s" does not say it of the car', (words) => {
  expect(saysCarIsDangerous(words)).toBe(false)
})
