import { afterAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { settingFaults } from '../../core/rule.ts'
import { faultText } from '../shared/fault-text.ts'
import { language } from '../shared/language.ts'
import { isOperatorOfAll } from '../shared/roles.ts'
import { isSame, settingOf, settingsOf, settingText } from './rules/settings.ts'
import { checkName, checkText } from './status/check-text.ts'
import { heartbeatOf } from './status/heartbeat.ts'
import { figure, figuresBy, samplesIn } from './status/metrics.ts'

beforeEach(() => {
  language.value = 'zh-CN'
})
afterAll(() => {
  language.value = 'zh-CN' // the next file is in the same process
})

const page = `# HELP liftwatt_refused_total What the MQTT door refused
# TYPE liftwatt_refused_total counter
liftwatt_refused_total{reason="wrong-topic"} 3
liftwatt_refused_total{reason="a\\"b\\\\n"} 7
liftwatt_refused_total{reason="qos-2"} 0
liftwatt_mqtt_connections 12
liftwatt_deadlines_overdue_unescalated NaN
this is no metric
`

test('figures are read from the page of metrics; what nobody can tell is not 0', () => {
  const samples = samplesIn(page)

  expect(figure(samples, 'liftwatt_mqtt_connections')).toBe(12)
  expect(figure(samples, 'liftwatt_deadlines_overdue_unescalated')).toBeNull()
  expect(figure(samples, 'liftwatt_missing')).toBeNull()
  expect(figuresBy(samples, 'liftwatt_refused_total', 'reason')).toEqual([
    ['a"b\\n', 7],
    ['wrong-topic', 3],
  ])
})

test.each([
  ['0 entries behind', '无积压'],
  ['1 entry behind', '落后 1 条'],
  ['12 entries behind', '落后 12 条'],
  [
    '99 entries written; 6 were damaged and have been skipped since the start: the log says which',
    '已写入 99 条；启动以来有 6 条损坏并被跳过，详见日志',
  ],
  ['77137 MiB free', '剩余 75 GiB'],
  ['only 400 MiB free', '仅剩 400 MiB'],
  ['It answers', '应答正常'],
])('the check %j is told in Chinese', (text, told) => {
  expect(checkText(text)).toBe(told)
})

test('a sentence and a name that are new here are told as the service says them', () => {
  expect(checkText('waits since yesterday')).toBe('waits since yesterday')
  expect(checkName('moon')).toBe('moon')
  expect(checkName('constructor')).toBe('constructor')
})

test.each([
  [null, 'off', '未设置 HEARTBEAT_URL：服务停止时外部无人知晓'],
  ['not sent yet', 'look', '尚未发送心跳：一切正常后开始'],
  ['heard at 2026-11-24T08:00:00.000Z', 'works', '最近一次心跳 3 分钟前 · 16:00'],
  [
    'not heard since 2026-11-24T08:01:00.000Z (before at 2026-11-24T08:00:00.000Z): hc.example.org answered with status 500',
    'look',
    '自 2 分钟前 · 16:01 起失败：hc.example.org 应答状态 500；最近一次心跳 3 分钟前 · 16:00',
  ],
  [
    'not heard since 2026-11-24T08:01:00.000Z: it is not well: disk: only 3 MiB free',
    'look',
    '自 2 分钟前 · 16:01 起失败：本服务有异常，不发送心跳；启动以来心跳从未被接收',
  ],
])('whether anybody outside watches: %j', (text, state, told) => {
  const checks = text === null ? [] : [{ name: 'heartbeat', ok: true, text }]
  expect(heartbeatOf(checks, Date.UTC(2026, 10, 24, 8, 3))).toEqual({ state, text: told })
})

test.each<[z.ZodType, unknown, string]>([
  [z.number(), 'x', '必须是数字'],
  [z.int(), 'x', '必须是整数'],
  [z.string(), 5, '必须是文字'],
  [z.boolean(), 'x', '必须是 true 或 false'],
  [z.number().max(1_000), 1_200, '不能大于 1,000'],
  [z.number().min(-90), -91, '不能小于 -90'],
  [z.number().lt(7), 7, '必须小于 7'],
  [z.number().positive(), 0, '必须大于 0'],
  [z.number().multipleOf(5), 7, '必须是 5 的倍数'],
  [z.string().min(1), '', '不能为空'],
  [z.string().max(3), 'long', '最多 3 个字符'],
  [z.string().min(8), 'short', '至少 8 个字符'],
  [z.enum(['estate', 'building']), 'x', '必须是其中之一：estate, building'],
  [z.literal('open'), 'x', '必须是 open'],
  [z.email(), 'x', '必须是电子邮箱地址'],
  [z.iso.date(), 'x', '必须是日期，例如 2026-01-31'],
  [z.iso.datetime(), 'x', '必须是时间，例如 2026-01-31T08:00:00Z'],
  [Identifier, '东苑', '必须是 1 至 64 个字符，只用 A-Z a-z 0-9 _ -'],
])('what a schema asks of a cell is told in Chinese %#', (schema, cell, told) => {
  const { error } = schema.safeParse(cell, { error: inPlainWords })
  expect(error?.issues.map(({ message }) => faultText(message))).toEqual([told])
})

test.each([
  [{ limit: 'x' }, 'limit', '必须是数字'],
  [{ limit: 1e9 }, 'limit', '必须在 0.01 至 100 之间'],
  [{ codes: [] }, 'codes', '必须是至少有一项的列表'],
  [{ codes: [5] }, 'codes', '必须是文字'],
  [{ names: { '02': 5 } }, 'names', '02 的值必须是文字'],
  [{ loud: 1 }, 'loud', '必须是 true 或 false'],
  [{ other: 1 }, 'other', 'elevator/toy 没有此参数，已有：limit, codes, names, loud'],
])('what a rule asks of a setting is told in Chinese %#', (changed, setting, told) => {
  const settings = { limit: 1, codes: ['43'], names: { '01': 'door' }, loud: true }
  const toy = { id: 'elevator/toy', settings, rising: [], bounds: { limit: [0.01, 100] }, about: { severities: [] } }
  const faults = settingFaults(toy as never, changed, settings)
  expect(faults.map((fault) => [fault.setting, faultText(fault.message)])).toEqual([[setting, told]])
})

test('what only the service knows about a cell is told in Chinese; to an English reader all stays as it is said', () => {
  expect(faultText('line 7 has it already')).toBe('与第 7 行重复')
  expect(faultText('there is no kind "lift"; there are elevator')).toBe('没有类型“lift”，已有：elevator')
  expect(faultText('there is another step "crew-comes"')).toBe('已有编号为“crew-comes”的步骤')
  expect(faultText('something new')).toBe('something new')
  expect(faultText('something: must shine')).toBe('something: must shine')
  language.value = 'en'
  expect(faultText('must be a number')).toBe('must be a number')
})

test('a setting is taken as the type that it ships with', () => {
  expect(settingOf('7.5', 4.5)).toBe(7.5)
  expect(settingOf('["43"]', ['44'])).toEqual(['43'])
  expect(settingOf('"7"', 4.5)).toBeUndefined()
  expect(settingOf('seven', 4.5)).toBeUndefined()
  expect(settingOf('{}', ['44'])).toBeUndefined()
  expect(settingOf('null', { a: 1 })).toBeUndefined()
})

test('of a form only what is written is sent, and what is none is named', () => {
  const shipped = { smallMmPerS: 4.5, samples: 10, workCodes: ['43'] }

  expect(settingsOf({ smallMmPerS: '5', samples: ' ', workCodes: '[' }, shipped)).toEqual({
    settings: { smallMmPerS: 5 },
    wrong: ['workCodes'],
  })
  expect(settingsOf({ notOurs: '5' }, shipped).settings).toEqual({})
})

test('what is shown of a setting is what its field takes', () => {
  for (const value of [4.5, ['43', '44'], { a: 1 }]) expect(settingOf(settingText(value), value)).toEqual(value)
})

test('only a back-test of exactly these settings counts', () => {
  const proposal = { scope: { type: 'kind', id: 'elevator' }, enabled: null, settings: { samples: 5 } } as const

  expect(isSame(proposal, { ...proposal })).toBe(true)
  expect(isSame(null, proposal)).toBe(false)
  expect(isSame({ ...proposal, settings: { samples: 6 } }, proposal)).toBe(false)
  expect(isSame({ ...proposal, scope: { type: 'site', id: 'elevator' } }, proposal)).toBe(false)
})

test('an operator of one site is none of everything', () => {
  expect(isOperatorOfAll([{ role: 'operator', scope: { sites: [] } }])).toBe(true)
  expect(isOperatorOfAll([{ role: 'operator', scope: { sites: ['a'] } }])).toBe(false)
  expect(isOperatorOfAll([{ role: 'duty-room', scope: { sites: [] } }])).toBe(false)
})
