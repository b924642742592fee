import type { ReportKind } from '../core/lift-report.ts'
import type { LiftNotice } from './lift-notice.ts'
import type { Taken } from './lift-reports.ts'
import type { Language } from './messages.ts'

/** What the public page of a lift says. */
export interface LiftWords {
  readonly lift: string
  readonly states: Readonly<Record<LiftNotice['state'], string>>
  readonly help: Readonly<Record<NonNullable<LiftNotice['help']>, string>>
  readonly said: Readonly<Record<Taken | 'wrong', string>>
  /** Recorded, where no number is known. */
  readonly recordedNoPhone: string
  /** Too many, where no number is known. */
  readonly tooManyNoPhone: string
  readonly trappedTitle: string
  readonly trappedHint: string
  readonly reportTitle: string
  readonly kindOfFault: string
  readonly kinds: Readonly<Record<ReportKind, string>>
  readonly words: string
  readonly phone: string
  readonly send: string
  readonly call: string
  readonly callMaintainer: string
  /** The page again, as things are now. */
  readonly lookAgain: string
  readonly noEmergencyPhone: string
  readonly lastMaintenance: string
  readonly maintainer: string
  readonly maintainerPhone: string
  readonly emergencyPhone: string
  readonly number: string
  readonly unknown: string
  readonly noLiftTitle: string
  readonly noLift: string
  /** Of a crew. */
  readonly iAmHere: string
  readonly otherLanguage: string
}

const en: LiftWords = {
  lift: 'Lift',
  states: {
    'in-service': 'In service',
    'out-of-service': 'Out of service',
    maintenance: 'Being maintained',
    unknown: 'Not known whether it runs',
  },
  help: {
    recorded: 'It is recorded; nobody has answered yet. Please call as well.',
    known: 'The duty room knows of it.',
    'on-the-way': 'A crew is on its way.',
    'on-site': 'Help is here.',
  },
  said: {
    taken: 'Thank you: your report is recorded.',
    known: 'It was reported before, and is recorded. There is no need to report it again.',
    'too-many': 'It was not taken: too much was reported here. Call the number below.',
    wrong: 'It was not understood: choose what is wrong, and send it again.',
  },
  recordedNoPhone:
    'It is recorded; nobody has answered yet. Press the alarm button in the car as well, or call the number on the notice there.',
  tooManyNoPhone:
    'It was not taken: too much was reported here. Press the alarm button in the car, or call the number on the notice there.',
  trappedTitle: 'Somebody is trapped',
  trappedHint:
    'Stay calm, and stay in the car: it has air, and it does not fall. Never force the doors. Press the alarm button, or this one.',
  reportTitle: 'Report a fault',
  kindOfFault: 'What is wrong?',
  kinds: {
    trapped: 'Somebody is trapped: call help',
    stopped: 'It does not move; nobody is in it',
    noise: 'Noise or shaking',
    other: 'Something else',
  },
  words: 'In your words (may be left out)',
  phone: 'Your telephone number (may be left out)',
  send: 'Send',
  call: 'Emergency call',
  callMaintainer: 'Call the maintainer',
  lookAgain: 'Look again',
  noEmergencyPhone: 'In an emergency press the alarm button in the car, or call the number on the notice there.',
  lastMaintenance: 'Last maintenance',
  maintainer: 'Maintained by',
  maintainerPhone: 'Their number',
  emergencyPhone: 'Emergency number',
  number: 'Number of the lift',
  unknown: 'not known here',
  noLiftTitle: 'This code is of no lift',
  noLift:
    'It is wrong, or the lift is gone. In an emergency press the alarm button in the car, or call the number on the notice there.',
  iAmHere: 'My order is here: I am on site',
  otherLanguage: '中文',
}

const chinese: LiftWords = {
  lift: '电梯',
  states: {
    'in-service': '正常运行',
    'out-of-service': '停止运行',
    maintenance: '维保中',
    unknown: '运行状态未知',
  },
  help: {
    recorded: '已记录，尚无人应答，请同时打电话求助。',
    known: '值班室已知晓。',
    'on-the-way': '救援人员正在赶来。',
    'on-site': '救援人员已到场。',
  },
  said: {
    taken: '谢谢，您的报告已记录。',
    known: '此前已有人报告并记录，无需重复报告。',
    'too-many': '未能受理：此处报告过多，请拨打下方电话。',
    wrong: '未能识别，请选择故障类型后重新提交。',
  },
  recordedNoPhone: '已记录，尚无人应答，请同时按轿厢内的报警按钮，或拨打轿厢内公示的救援电话。',
  tooManyNoPhone: '未能受理：此处报告过多，请按轿厢内的报警按钮，或拨打轿厢内公示的电话。',
  trappedTitle: '有人被困',
  trappedHint: '请保持镇静，留在轿厢内：轿厢通风，不会坠落。切勿扒门。请按轿厢内的报警按钮，或点击下面的按钮。',
  reportTitle: '报告故障',
  kindOfFault: '出现什么情况？',
  kinds: { trapped: '有人被困，呼叫救援', stopped: '电梯不动，轿厢内无人', noise: '异响或晃动', other: '其他' },
  words: '情况说明（可不填）',
  phone: '您的电话（可不填）',
  send: '提交',
  call: '应急救援电话',
  callMaintainer: '致电维保单位',
  lookAgain: '刷新',
  noEmergencyPhone: '紧急情况请按轿厢内的报警按钮，或拨打轿厢内公示的救援电话。',
  lastMaintenance: '最近维保',
  maintainer: '维保单位',
  maintainerPhone: '维保电话',
  emergencyPhone: '应急救援电话',
  number: '电梯编号',
  unknown: '暂无信息',
  noLiftTitle: '没有此电梯',
  noLift: '二维码有误，或电梯已停用。紧急情况请按轿厢内的报警按钮，或拨打轿厢内公示的救援电话。',
  iAmHere: '我有此梯工单：已到场',
  otherLanguage: 'English',
}

export const liftWords: Readonly<Record<Language, LiftWords>> = { en, 'zh-CN': chinese }
