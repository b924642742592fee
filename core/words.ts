import type { OrderState } from './incident.ts'
import { localDate, localTime, shanghai } from './local-time.ts'
import type { NoticeReason } from './notice.ts'
import type { OrderType, Severity } from './severity.ts'

export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

/** What notices and the page behind their link say. Every language has the same sentences: the compiler asks for them. */
export interface Words {
  readonly reasons: Readonly<Record<NoticeReason, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly states: Readonly<Record<OrderState, string>>
  readonly types: Readonly<Record<OrderType, string>>
  /** What was found, by the finding's id; one that is not here is told in the words of its rule. */
  readonly findings: Readonly<Record<string, string>>
  readonly labels: {
    readonly what: string
    readonly where: string
    readonly entrance: string
    readonly plan: string
    readonly details: string
    readonly detected: string
    readonly onSiteBy: string
    readonly due: string
    readonly state: string
    readonly assigned: string
    readonly contact: string
    readonly why: string
    readonly order: string
  }
  readonly nobodyAssigned: string
  /** "in 12 min", to a deadline; negative when it is over. */
  readonly minutesLeft: (minutes: number) => string
  readonly open: string
  /** Instead of the link, where nobody said under which address people reach this service. */
  readonly noLink: string
  readonly digestTitle: (notices: number) => string
  readonly more: (notices: number) => string
  readonly testTitle: string
  readonly testText: string
  /** A sentence for one who is asked before a crew is sent. */
  readonly askFirst: string
  readonly page: {
    readonly title: string
    readonly notFoundTitle: string
    readonly notFound: string
    readonly actions: Readonly<Record<LinkAction, string>>
    readonly done: string
    readonly nothingToDo: string
    readonly otherLanguage: string
  }
}

/** What may be done behind a link. */
export const linkActions = ['accept', 'arrive', 'restore', 'dealt-with', 'tell-passenger'] as const
export type LinkAction = (typeof linkActions)[number]

const en: Words = {
  reasons: {
    raised: 'New order',
    upgraded: 'More severe now',
    escalated: 'Nobody has answered in time',
    reassigned: 'The order is yours now',
    'ask-first': 'Please look',
    cancelled: 'Cancelled: nobody needs to go',
    closed: 'Closed',
    'roster-gap': 'Nobody is on duty',
    'maintenance-due': 'Maintenance is due',
    test: 'Test',
  },
  severities: { info: 'information', warning: 'warning', urgent: 'urgent', critical: 'critical' },
  states: {
    raised: 'raised, nobody has seen it',
    acknowledged: 'acknowledged',
    accepted: 'accepted, on the way',
    arrived: 'on site',
    restored: 'restored',
    closed: 'closed',
    cancelled: 'cancelled',
  },
  types: { emergency: 'emergency', planned: 'planned work', inspection: 'inspection', manual: 'reported by a person' },
  findings: {
    'elevator/entrapment': 'Someone is trapped',
    'elevator/unintended-movement': 'The car moved with its door open',
    'elevator/overspeed': 'The car is too fast',
    'elevator/safety-circuit': 'Safety circuit open while running',
    'elevator/alarm-button': 'Alarm button pressed',
    'elevator/stopped-outside-zone': 'Stopped between floors',
    'elevator/run-time-limiter': 'Run-time limiter acted',
    'elevator/motor-over-temperature': 'Motor too hot',
    'elevator/mains-lost': 'Elevator without mains',
    'elevator/out-of-service': 'Elevator out of service',
    'elevator/door-close-drift': 'Door closes more and more slowly',
    'elevator/silent': 'Elevator is silent',
    'elevator/sensor-silent': 'A sensor of the elevator is silent',
    'electricity-meter/arc': 'Arcing',
    'electricity-meter/loose-neutral': 'Loose neutral',
    'electricity-meter/terminal-over-temperature': 'Terminal too hot',
    'electricity-meter/cable-over-temperature': 'Cable too hot',
    'electricity-meter/residual-current': 'Leakage current',
    'electricity-meter/overload': 'Overload',
    'electricity-meter/over-voltage': 'Voltage too high',
    'electricity-meter/under-voltage': 'Voltage too low',
    'electricity-meter/e-bike-charging': 'Suspected e-bike charging indoors',
    'electricity-meter/outage': 'No electricity',
    'electricity-meter/silent': 'Meter is silent',
    'electricity-meter/sensor-silent': 'A sensor of the meter is silent',
    'gateway/silent': 'Gateway is silent',
    'building/outage': 'Whole building without electricity',
  },
  labels: {
    what: 'What',
    where: 'Where',
    entrance: 'Way in',
    plan: 'Agreed for an emergency',
    details: 'Details',
    detected: 'Detected',
    onSiteBy: 'On site by',
    due: 'Planned for',
    state: 'Now',
    assigned: 'Assigned to',
    contact: 'Contact',
    why: 'Why you',
    order: 'Order',
  },
  nobodyAssigned: 'nobody is assigned',
  minutesLeft: (minutes) => (minutes >= 0 ? `${minutes} min left` : `${-minutes} min late`),
  open: 'Open the order',
  noLink: 'No link: PUBLIC_URL is not set here. Call the duty room.',
  digestTitle: (notices) => `${notices} notices in one, as there are many`,
  more: (notices) => `and ${notices} more`,
  testTitle: 'Test notice of Liftwatt',
  testText: 'This channel works. Nothing has happened.',
  askFirst: 'If you can see to it safely yourself, say so behind the link; else a crew comes.',
  page: {
    title: 'Work order',
    notFoundTitle: 'This link leads nowhere',
    notFound: 'It is wrong, or it has expired: a link ends a day after its order. Call the duty room.',
    actions: {
      accept: 'I accept, I am on my way',
      arrive: 'I am on site',
      restore: 'It works again',
      'dealt-with': 'Dealt with',
      'tell-passenger': 'The passenger has been told',
    },
    done: 'Noted. Thank you.',
    nothingToDo: 'There is nothing to do for you here at the moment.',
    otherLanguage: '中文',
  },
}

const chinese: Words = {
  reasons: {
    raised: '新工单',
    upgraded: '等级上升',
    escalated: '超时未响应',
    reassigned: '工单已转派给您',
    'ask-first': '请先查看',
    cancelled: '工单已取消，无需前往',
    closed: '工单已关闭',
    'roster-gap': '无人值班',
    'maintenance-due': '维保到期',
    test: '测试',
  },
  severities: { info: '提示', warning: '预警', urgent: '紧急', critical: '危急' },
  states: {
    raised: '已生成，尚无人查看',
    acknowledged: '已确认',
    accepted: '已接单，正在途中',
    arrived: '已到场',
    restored: '已恢复',
    closed: '已关闭',
    cancelled: '已取消',
  },
  types: { emergency: '应急', planned: '计划作业', inspection: '检查', manual: '人工上报' },
  findings: {
    'elevator/entrapment': '电梯困人',
    'elevator/unintended-movement': '轿厢意外移动',
    'elevator/overspeed': '电梯超速',
    'elevator/safety-circuit': '运行中安全回路断开',
    'elevator/alarm-button': '报警按钮被按下',
    'elevator/stopped-outside-zone': '非平层停梯',
    'elevator/run-time-limiter': '运行时间限制器动作',
    'elevator/motor-over-temperature': '曳引机温度过高',
    'elevator/mains-lost': '电梯失电',
    'elevator/out-of-service': '电梯停止服务',
    'elevator/door-close-drift': '关门逐渐变慢',
    'elevator/silent': '电梯数据中断',
    'elevator/sensor-silent': '电梯传感器数据中断',
    'electricity-meter/arc': '故障电弧',
    'electricity-meter/loose-neutral': '零线松脱',
    'electricity-meter/terminal-over-temperature': '接线端子温度过高',
    'electricity-meter/cable-over-temperature': '电缆温度过高',
    'electricity-meter/residual-current': '剩余电流（漏电）',
    'electricity-meter/overload': '过载',
    'electricity-meter/over-voltage': '电压过高',
    'electricity-meter/under-voltage': '电压过低',
    'electricity-meter/e-bike-charging': '疑似室内电动自行车充电',
    'electricity-meter/outage': '停电',
    'electricity-meter/silent': '电表数据中断',
    'electricity-meter/sensor-silent': '电表传感器数据中断',
    'gateway/silent': '网关数据中断',
    'building/outage': '整栋楼停电',
  },
  labels: {
    what: '事由',
    where: '地点',
    entrance: '进入方式',
    plan: '应急约定',
    details: '详情',
    detected: '发现时间',
    onSiteBy: '到场时限',
    due: '计划时间',
    state: '当前状态',
    assigned: '责任方',
    contact: '联系人',
    why: '通知原因',
    order: '工单号',
  },
  nobodyAssigned: '尚未指派',
  minutesLeft: (minutes) => (minutes >= 0 ? `剩余 ${minutes} 分钟` : `已超时 ${-minutes} 分钟`),
  open: '打开工单',
  noLink: '无链接：尚未设置 PUBLIC_URL，请致电值班室。',
  digestTitle: (notices) => `通知较多，合并为一条，共 ${notices} 条`,
  more: (notices) => `另有 ${notices} 条`,
  testTitle: 'Liftwatt 测试通知',
  testText: '该通道工作正常，并无事件发生。',
  askFirst: '如您能安全地自行处理，请点击链接告知；否则将派人前往。',
  page: {
    title: '工单',
    notFoundTitle: '链接无效',
    notFound: '链接有误或已过期（工单结束一天后失效），请致电值班室。',
    actions: {
      accept: '接单，马上出发',
      arrive: '已到现场',
      restore: '已恢复正常',
      'dealt-with': '已自行处理',
      'tell-passenger': '已安抚被困人员',
    },
    done: '已记录，谢谢。',
    nothingToDo: '目前您无需在此操作。',
    otherLanguage: 'English',
  },
}

export const words: Readonly<Record<Locale, Words>> = { 'zh-CN': chinese, en }

/** A time as people here read it: "11-24 20:05" on the wall clock of Hangzhou, whatever the machine's zone is. */
export function localMinute(at: number): string {
  return `${localDate(at, shanghai).slice(5)} ${localTime(at, shanghai)}`
}
