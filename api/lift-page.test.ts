import { expect, test } from 'vitest'
import type { LiftNotice } from './lift-notice.ts'
import { liftPage, noLiftPage } from './lift-page.ts'

const notice: LiftNotice = {
  ...{ deviceId: 'elv-1', name: 'A', place: null, state: 'out-of-service', help: 'recorded' },
  ...{ lastMaintenanceAt: null, maintainer: null, emergencyPhone: null },
}
const page = (changes: Partial<LiftNotice>, language: 'en' | 'zh-CN' = 'en') =>
  liftPage({ language, notice: { ...notice, ...changes }, path: '/l/x' })

test('whom to call as well is said only where a number stands', () => {
  const withNumber = page({ emergencyPhone: '96333' })
  expect(withNumber).toContain('Please call as well')
  expect(withNumber).toContain('href="tel:96333"')
  expect(page({}, 'zh-CN')).not.toContain('打电话')
})

test.each(['recorded', null] as const)(
  'where no number is known, the way to help in the car stands there once (help: %s)',
  (help) => {
    const said = page({ help })
    expect(said).not.toContain('call as well')
    expect(said.split('the number on the notice there')).toHaveLength(2)
    expect(page({ help }, 'zh-CN').split('轿厢内公示的救援电话')).toHaveLength(2)
  },
)

test('a code of no lift is explained in either language', () => {
  expect(noLiftPage('zh-CN')).toContain('<a href="?lang=en">English</a>')
  expect(noLiftPage('en')).toContain('<a href="?lang=zh-CN">中文</a>')
})
