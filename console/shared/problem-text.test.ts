import { afterEach, expect, test } from 'vitest'
import { problemCodes } from '../../api/schemas.ts'
import { ApiProblem } from './api.ts'
import { language } from './language.ts'
import { problemText } from './problem-text.ts'

const usual = language.value
afterEach(() => {
  language.value = usual
})

const refused = (code: ApiProblem['code'], detail: string, errors?: ApiProblem['fields']) =>
  new ApiProblem({ code, status: 409, detail, ...(errors && { errors }) })

test.each(problemCodes)('%s is said in Chinese, also when nobody here knows its sentence', (code) => {
  language.value = 'zh-CN'
  const [said = ''] = problemText(refused(code, 'Something that no list knows')).split('（')
  expect(said).toMatch(/^(未完成：)?[\u4e00-\u9fff，。\d ]+$/)
})

test.each([
  ['Cannot arrive: the order is closed, it must be accepted', '未完成：工单当前状态不允许此操作，请重新查看'],
  ['A device elv-1 exists already', '未完成：编号 elv-1 已存在'],
  ['teamId: there is no team east', '未完成：班组：没有班组 east'],
  ['garden is not empty: 3 device(s) are in it', '未完成：garden 内还有 3 台设备'],
])('in a form, "%s" is said as people say it', (detail, said) => {
  language.value = 'zh-CN'
  expect(problemText(refused('order-state', detail))).toBe(said)
  language.value = 'en'
  expect(problemText(refused('order-state', detail))).toBe(`Not done: ${detail}`)
})

test('each wrong field is named, with what is wrong in it', () => {
  language.value = 'zh-CN'
  const fields = [
    { path: 'name', message: 'must not be empty' },
    { path: 'shifts.0.from', message: 'must be what no list knows' },
  ]
  expect(problemText(refused('invalid', 'The body is wrong: …', fields))).toBe(
    '未完成：填写的内容有误（名称：不能为空；班次 1 开始时间：must be what no list knows）',
  )
})
