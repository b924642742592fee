import { afterAll, beforeEach, expect, test } from 'vitest'
import { inPlainWords } from '../../core/issue-words.ts'
import { Mapping } from '../../core/mapping.ts'
import { faultText } from '../shared/fault-text.ts'
import { language } from '../shared/language.ts'
import { triedText } from './tried-text.ts'

beforeEach(() => {
  language.value = 'zh-CN'
})
afterAll(() => {
  language.value = 'zh-CN' // the next file is in the same process
})

const watts = { path: '$.P' }
const rule = { topic: 'a/{device}', time: 'receipt', metrics: { watts } }
const time = { path: '$.t', format: 'iso' }
const tooMany = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`SN ${index}`, 'meter-1']))

test.each<[unknown, string]>([
  [{ rules: [] }, '至少 1 项'],
  [{ rules: [rule], more: 1 }, '此处不能有：more'],
  [
    { rules: [{ ...rule, topic: 'a/{device}/#' }] },
    '必须是以斜杠分隔的各级：文字、+（任意一级）或 {device}（表示设备的一级）',
  ],
  [{ rules: [{ ...rule, topic: '{device}/{device}' }] }, '{device} 只能出现一次'],
  [{ rules: [{ ...rule, topic: '$SYS/{device}' }] }, '不能以 $ 或 liftwatt/ 开头：为本系统保留'],
  [{ rules: [rule], ignore: ['a/{device}'] }, '忽略的主题不分设备，请写 +'],
  [{ rules: [{ ...rule, topic: 'a' }] }, '必须填写，或在主题中写 {device}'],
  [{ rules: [{ ...rule, device: { id: 'meter-1' } }] }, '主题中已指明，不能重复'],
  [{ rules: [{ ...rule, metrics: {} }] }, '至少要有一个指标'],
  [{ rules: [{ ...rule, metrics: { '1 a': watts } }] }, '必须是指标名称：以字母开头，只用字母和数字'],
  [{ rules: [{ ...rule, metrics: { watts: { path: '@.P' } } }] }, '没有“each”（列表）时必须以 $ 开头'],
  [{ rules: [{ ...rule, each: '@.list' }] }, '必须以 $ 开头'],
  [
    { rules: [{ ...rule, metrics: { watts: { path: 'P' } } }] },
    "必须是指向一处的路径，例如 $.data[0].power 或 @['total power']",
  ],
  [
    { rules: [{ ...rule, metrics: { watts: { ...watts, as: 'text', scale: 2 } } }] },
    '只有数字可以换算，且不能与取值对照同用',
  ],
  [{ rules: [{ ...rule, time: { ...time, utcOffset: '8' } }] }, '必须是时差，例如 +08:00'],
  [{ rules: [rule], devices: tooMany }, '最多 1000 个名称'],
])('what is wrong in a mapping is told in Chinese %#', (mapping, told) => {
  const { error } = Mapping.safeParse(mapping, { error: inPlainWords })
  expect(error?.issues.map(({ message }) => faultText(message))).toEqual([told])
})

const message = { payload: '{"P": 1', receivedAt: '2026-11-24T02:14:07.000Z' }

test.each([
  ['not-mapped', '$', 'no metric of the mapping is in it', '其中没有映射所列的指标'],
  ['wrong-type', '$.P', 'a number is expected, this is "12 W"', '此处应为数字，实际为："12 W"'],
  ['not-mapped', '$.list', 'a list is expected here, this is nothing', '此处应为列表，实际为：空'],
  ['bad-time', '$.t', '"2026-11-24 10:14" names no zone, and the mapping has no "utcOffset"', '未写明时区'],
  ['unknown-device', '$', 'No device meter-1 is registered', '没有编号为 meter-1 的设备'],
  ['bad-json', '$', 'not JSON: it ends too early, after column 7', '在第 7 列之后中断'],
  ['out-of-range', '$.P', 'Too big: expected number to be <=400; this is 6120', '收到的是：6120'],
] as const)('why %s of a message is not used is told in Chinese; in English as the service says it', (...given) => {
  const [reason, path, text, told] = given
  expect(triedText({ path, reason, text }, message)).toContain(told)
  language.value = 'en'
  expect(triedText({ path, reason, text }, message)).toBe(text)
})
