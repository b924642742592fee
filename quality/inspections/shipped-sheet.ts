import type { ScoreSheet, SheetItem } from '../../core/inspection.ts'

/** Where an item comes from; the clauses themselves were not seen, so each is to be held against the text in force. */
const sources = {
  upkeep: 'An item of half-month maintenance (TSG T5002-2017, annex A); weight and deduction: unverified default',
  periodic: 'An item of periodic inspection (TSG T7001-2023); weight and deduction: unverified default',
  duty: 'Duty of whoever maintains or uses it (TSG T5002-2017); weight and deduction: unverified default',
  levelling:
    'Stopping ±10 mm, kept within ±20 mm (GB/T 7588.1-2020 as EN 81-20, 5.12.1.1.4); deduction: unverified default',
} as const

type More = Partial<Pick<SheetItem, 'photo' | 'critical'>>

function item(
  id: string,
  [en, chinese]: readonly [string, string],
  [weight, deduction]: readonly [number, number],
  source: keyof typeof sources,
  more: More = {},
): SheetItem {
  const name = { en, 'zh-CN': chinese }
  return { id, name, weight, deduction, photo: 'defect', critical: false, source: sources[source], ...more }
}

const critical = { critical: true } as const
const always = { photo: 'always' } as const

/** What holds until somebody writes their own: 100 points. No insurer's own sheet was to be had, so every number is a default. */
export const shippedSheet: ScoreSheet = {
  id: 'elevator',
  version: 0,
  name: { en: 'Elevator: quality of maintenance', 'zh-CN': '电梯维保质量检查评分表' },
  passScore: 80,
  items: [
    item(
      'maintenance-record',
      ['Maintenance record is there, signed by two', '维保记录齐全，双人签字'],
      [8, 4],
      'duty',
      always,
    ),
    item(
      'use-mark',
      ['Use registration mark and next inspection date', '使用标志及下次检验日期'],
      [4, 4],
      'duty',
      always,
    ),
    item('machine-room', ['Machine room: clean, locked, ventilated', '机房整洁、上锁、通风'], [6, 2], 'upkeep'),
    item('brake', ['Brake: clearance, wear, switch', '制动器间隙、磨损及动作开关'], [12, 6], 'upkeep', {
      ...critical,
      ...always,
    }),
    item('traction', ['Ropes and sheave: wear, tension, slip', '曳引绳与曳引轮磨损、张力、打滑'], [10, 5], 'upkeep'),
    item('governor', ['Overspeed governor and safety gear', '限速器与安全钳'], [8, 8], 'periodic', critical),
    item(
      'landing-door',
      ['Landing doors: lock, gap, self-closing', '层门锁紧、间隙、自闭'],
      [10, 5],
      'upkeep',
      critical,
    ),
    item('car-door', ['Car door: protection, rollers, belt', '轿门防夹装置、滚轮、皮带'], [8, 4], 'upkeep'),
    item('levelling', ['Levelling', '平层精度'], [6, 2], 'levelling'),
    item(
      'alarm',
      ['Emergency alarm and intercom are answered', '紧急报警与对讲有人应答'],
      [10, 10],
      'upkeep',
      critical,
    ),
    item('lighting', ['Car lighting, emergency lighting, fan', '轿厢照明、应急照明与通风'], [4, 2], 'upkeep'),
    item('pit', ['Pit: dry, buffer, stop switch', '底坑干燥、缓冲器、急停开关'], [6, 3], 'upkeep'),
    item('hoistway', ['Hoistway: rails, cables, limit switches', '井道导轨、随行电缆、极限开关'], [4, 2], 'periodic'),
    item('monitoring', ['Terminal of remote monitoring works', '远程监测终端正常'], [4, 4], 'duty'),
  ],
}
