import { findingTitles } from './finding-titles.ts'
import type { OrderState } from './incident.ts'
import { localDate, localTime, shanghai } from './local-time.ts'
import type { NoticeReason } from './notice.ts'
import type { Party, PlanGoal } from './plan.ts'
import type { ScopeType } from './scope.ts'
import type { OrderType, Severity } from './severity.ts'
import type { ContactRole } from './site.ts'

export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

/** What notices and the page behind their link say. Every language has the same sentences: the compiler asks for them. */
export interface Words {
  readonly locale: Locale
  readonly reasons: Readonly<Record<NoticeReason, string>>
  /** Of a step of the plan that was missed, by its goal. */
  readonly missed: Readonly<Record<PlanGoal, (minutes: number | null) => string>>
  /** The reason of an order that was closed before anybody had restored anything. */
  readonly falseAlarm: string
  /** To whoever is no party to the order that goes on in the place of theirs. */
  readonly mergedAway: string
  readonly severities: Readonly<Record<Severity, string>>
  readonly states: Readonly<Record<OrderState, string>>
  readonly types: Readonly<Record<OrderType, string>>
  /** What was found, by the finding's id; one that is not here is told in the words of whoever found it. */
  readonly findings: Readonly<Record<string, string>>
  readonly labels: {
    readonly what: string
    readonly where: string
    readonly members: string
    readonly entrance: string
    readonly plan: string
    readonly power: string
    readonly details: string
    readonly said: string
    readonly reportedBy: string
    readonly detected: string
    readonly onSiteBy: string
    readonly due: string
    readonly state: string
    readonly assigned: string
    readonly contact: string
    readonly to: string
    readonly why: string
    readonly order: string
  }
  /** What an order is about where it is more than one device. */
  readonly scopes: Readonly<Record<ScopeType, string>>
  /** Whom to call. */
  readonly contacts: Readonly<Record<ContactRole | 'duty-room', string>>
  readonly parties: Readonly<Record<Party, string>>
  /** Why it is they who are told. */
  readonly because: {
    readonly noRoster: string
    readonly aroundTheClock: string
    readonly onDutyUntil: (time: string) => string
    readonly contactOf: (party: Party, scope: ScopeType, id: string) => string
    readonly cannotBeTold: (party: Party) => string
    readonly nobodyOnDuty: string
    readonly hasAccepted: string
  }
  readonly nobodyAssigned: string
  /** The state of an order that was given to another crew after one had accepted it. */
  readonly notAccepted: (team: string | null) => string
  /** A sentence for a crew while the outcome is what a tenant said. */
  readonly saidDealtWith: string
  /** What has lasted since a time. */
  readonly since: (what: string, time: string) => string
  /** A sentence for the crew of an outage in whose place somebody is trapped. */
  readonly trappedIn: (elevator: string) => string
  /** "in 12 min", to a deadline; negative when it is over. */
  readonly minutesLeft: (minutes: number) => string
  readonly open: string
  /** Instead of the link, where nobody said under which address people reach this service. */
  readonly noLink: string
  readonly digestTitle: (notices: number) => string
  readonly moreDevices: (devices: number) => string
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
    /** Somebody did this before; what else was done before shows in the order's state. */
    readonly already: Readonly<Partial<Record<LinkAction, string>>>
    readonly notNow: (state: string) => string
    readonly anothers: (team: string) => string
    /** To whoever is called to help the team that has the order. @param said by that team */
    readonly calledFor: (team: string, said: string | null) => string
    /** What somebody who was called says of themselves. */
    readonly comes: string
    readonly nothingToDo: string
    readonly goesOn: string
    readonly otherLanguage: string
  }
}

/** What may be done behind a link. */
export const linkActions = [
  'acknowledge',
  'accept',
  'arrive',
  'restore',
  'dealt-with',
  'tell-passenger',
  'come',
  'inspect',
] as const
export type LinkAction = (typeof linkActions)[number]

const enParties: Words['parties'] = {
  ...{ crew: 'crew', 'next-crew': 'next crew', maintainer: 'maintainer', 'duty-room': 'duty room' },
  ...{ supervisor: 'supervisor', district: 'district', 'insurer-inspector': "insurer's inspector" },
  ...{ 'insurer-parts': "insurer's parts desk", property: 'property contact', tenant: 'tenant' },
}

/** " within 24 h"; nothing where the notice does not say it. */
function enWithin(minutes: number | null): string {
  if (minutes === null) return ''
  return minutes >= 60 && minutes % 60 === 0 ? ` within ${minutes / 60} h` : ` within ${minutes} min`
}

function chineseWithin(minutes: number | null): string {
  if (minutes === null) return '超时'
  return minutes >= 60 && minutes % 60 === 0 ? `${minutes / 60} 小时内` : `${minutes} 分钟内`
}

const en: Words = {
  locale: 'en',
  reasons: {
    raised: 'New order',
    upgraded: 'More severe now',
    escalated: 'Help is asked for',
    reassigned: 'The order is yours now',
    'on-shift': 'You are on duty: your team has this order',
    'not-reached': 'The crew could not be told: please call them',
    'handed-over': 'Another crew has it now: you need not go',
    merged: 'What you were told of is part of this order now',
    'reported-again': 'Reported once more',
    'still-told': 'Reported once more though its crew is done: please find out',
    passenger: 'Somebody is trapped there',
    outage: 'There is no power there now',
    moved: 'The place was put right',
    'ask-first': 'Please look',
    'dealt-with': 'Said to be dealt with: please decide',
    'help-comes': 'Help is on its way',
    cancelled: 'Cancelled: nobody needs to go',
    closed: 'Closed',
    'roster-gap': 'Nobody is on duty',
    'maintenance-due': 'Maintenance is due',
    'report-ready': 'A report is there',
    'public-value': 'A public value is missing',
    test: 'Test',
  },
  missed: {
    acknowledged: (minutes) => `Not acknowledged${enWithin(minutes)}`,
    accepted: (minutes) => `Not accepted${enWithin(minutes)}`,
    arrived: (minutes) => `Nobody on site${enWithin(minutes)}`,
    restored: (minutes) => `Not restored${enWithin(minutes)}`,
    'passenger-told': (minutes) => `Passenger not told${enWithin(minutes)}`,
    inspected: (minutes) => `Not inspected${enWithin(minutes)}`,
  },
  falseAlarm: 'False alarm: nobody needs to go',
  mergedAway: 'It goes on in another order',
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
  findings: findingTitles('en'),
  labels: {
    what: 'What',
    where: 'Where',
    members: 'Devices',
    entrance: 'Way in',
    plan: 'Agreed for an emergency',
    power: 'Power',
    details: 'Details',
    said: 'They say',
    reportedBy: 'Reported by',
    detected: 'Detected',
    onSiteBy: 'On site by',
    due: 'Planned for',
    state: 'Now',
    assigned: 'Assigned to',
    contact: 'Contact',
    to: 'To',
    why: 'Why you',
    order: 'Order',
  },
  scopes: {
    ...{ device: 'device', gateway: 'gateway', feeder: 'feeder', district: 'district', street: 'street' },
    ...{ community: 'community', estate: 'estate', building: 'building', unit: 'unit' },
  },
  contacts: {
    ...{ property: 'Property', tenant: 'Tenant', owner: 'Owner', 'car-phone': 'Phone in the car' },
    ...{ emergency: 'Emergency', 'duty-room': 'Duty room' },
  },
  parties: enParties,
  because: {
    noRoster: 'counted as always on duty, for it has no roster',
    aroundTheClock: 'on duty around the clock',
    onDutyUntil: (time) => `on duty until ${time}`,
    contactOf: (party, scope, id) => `${enParties[party]} of ${scope} ${id}`,
    cannotBeTold: (party) => `no ${enParties[party]} can be told; `,
    nobodyOnDuty: 'nobody on duty can be told, so those off duty are; ',
    hasAccepted: 'has accepted the order',
  },
  nobodyAssigned: 'nobody is assigned',
  notAccepted: (team) => (team === null ? 'given back, not accepted yet' : `given to ${team}, not accepted yet`),
  saidDealtWith: 'It is said to be dealt with: the duty room decides; until it closes the order, somebody is to go.',
  since: (what, time) => `${what}, since ${time}`,
  trappedIn: (elevator) =>
    `Somebody is trapped in ${elevator}: a crew is sent there, look after them if you are there first.`,
  minutesLeft: (minutes) => (minutes >= 0 ? `${minutes} min left` : `${-minutes} min late`),
  open: 'Open the order',
  noLink: 'No link: PUBLIC_URL is not set here. Call the duty room.',
  digestTitle: (notices) => `${notices} notices in one, as there are many`,
  moreDevices: (devices) => `and ${devices} more`,
  testTitle: 'Test notice of Liftwatt',
  testText: 'This channel works. Nothing has happened.',
  askFirst: 'If you can see to it safely yourself, say so behind the link; else a crew comes.',
  page: {
    title: 'Work order',
    notFoundTitle: 'This link leads nowhere',
    notFound: 'It is wrong, or it has expired: a link ends a day after its order. Call the duty room.',
    actions: {
      acknowledge: 'I have seen it and see to it',
      accept: 'I accept, I am on my way',
      arrive: 'I am on site',
      restore: 'It works again',
      'dealt-with': 'Dealt with',
      'tell-passenger': 'The passenger has been told',
      come: 'I am coming to help',
      inspect: 'I was there and have inspected it',
    },
    done: 'Noted. Thank you.',
    already: {
      'dealt-with': 'It was said to be dealt with already.',
      'tell-passenger': 'The passenger was told already.',
      inspect: 'It was inspected already.',
    },
    notNow: (state) => `Not any more. The order is: ${state}.`,
    anothers: (team) => `${team} has the order now.`,
    calledFor: (team, said) =>
      `${team} has the order, and you are called to help. Please go there.${said === null ? '' : ` They say: ${said}`}`,
    comes: 'Called to help, and is coming',
    nothingToDo: 'There is nothing to do for you here at the moment.',
    goesOn: 'This goes on in another order. Whoever has to do with that one has a message with its link.',
    otherLanguage: '中文',
  },
}

const chineseParties: Words['parties'] = {
  ...{ crew: '抢修班组', 'next-crew': '下一抢修班组', maintainer: '维保单位', 'duty-room': '值班室' },
  ...{ supervisor: '主管', district: '区级监管人员', 'insurer-inspector': '保险检查员' },
  ...{ 'insurer-parts': '保险备件部', property: '物业联系人', tenant: '租户' },
}

const chineseScopes: Words['scopes'] = {
  ...{ device: '设备', gateway: '网关', feeder: '供电线路', district: '区', street: '街道' },
  ...{ community: '社区', estate: '小区', building: '楼栋', unit: '单元' },
}

const chinese: Words = {
  locale: 'zh-CN',
  reasons: {
    raised: '新工单',
    upgraded: '等级上升',
    escalated: '现场请求支援',
    reassigned: '工单已转派给您',
    'on-shift': '您已上岗：本班组有此工单',
    'not-reached': '班组未能收到通知，请致电',
    'handed-over': '工单已由其他班组接手，您无需前往',
    merged: '此前通知您的事项已并入本工单',
    'reported-again': '又有新报告',
    'still-told': '处置已结束，仍有报告：请核实',
    passenger: '该处有人被困',
    outage: '该处已停电',
    moved: '地点已更正',
    'ask-first': '请先查看',
    'dealt-with': '对方称已处理，请决定',
    'help-comes': '支援人员已出发',
    cancelled: '工单已取消，无需前往',
    closed: '工单已关闭',
    'roster-gap': '无人值班',
    'maintenance-due': '维保到期',
    'report-ready': '报告已生成',
    'public-value': '缺少公开值',
    test: '测试',
  },
  missed: {
    acknowledged: (minutes) => `${chineseWithin(minutes)}无人确认`,
    accepted: (minutes) => `${chineseWithin(minutes)}无人接单`,
    arrived: (minutes) => `${chineseWithin(minutes)}无人到场`,
    restored: (minutes) => `${chineseWithin(minutes)}未恢复`,
    'passenger-told': (minutes) => `${chineseWithin(minutes)}未安抚被困人员`,
    inspected: (minutes) => `${chineseWithin(minutes)}未检查`,
  },
  falseAlarm: '误报，无需前往',
  mergedAway: '已并入另一工单继续处置',
  severities: { info: '提示', warning: '预警', urgent: '紧急', critical: '特急' },
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
  findings: findingTitles('zh-CN'),
  labels: {
    what: '事由',
    where: '地点',
    members: '涉及设备',
    entrance: '进入方式',
    plan: '应急约定',
    power: '供电',
    details: '详情',
    said: '说明',
    reportedBy: '报告人',
    detected: '发现时间',
    onSiteBy: '到场时限',
    due: '计划时间',
    state: '当前状态',
    assigned: '责任方',
    contact: '联系人',
    to: '通知对象',
    why: '通知原因',
    order: '工单号',
  },
  scopes: chineseScopes,
  contacts: {
    ...{ property: '物业', tenant: '租户', owner: '业主', 'car-phone': '轿厢电话' },
    ...{ emergency: '应急联系人', 'duty-room': '值班室' },
  },
  parties: chineseParties,
  because: {
    noRoster: '无排班表，视为全天值班',
    aroundTheClock: '全天值班',
    onDutyUntil: (time) => `值班至 ${time}`,
    contactOf: (party, scope, id) => `${chineseScopes[scope]} ${id} 的${chineseParties[party]}`,
    cannotBeTold: (party) => `${chineseParties[party]}均无法通知；`,
    nobodyOnDuty: '无可通知的在岗人员，故通知不在岗人员；',
    hasAccepted: '已接此单',
  },
  nobodyAssigned: '尚未指派',
  notAccepted: (team) => (team === null ? '已退回，尚未接单' : `已转派给${team}，尚未接单`),
  saidDealtWith: '对方称已处理，由值班室决定；工单关闭前仍需前往。',
  since: (what, time) => `${what}，自 ${time} 起`,
  trappedIn: (elevator) => `${elevator} 内有人被困：已另派班组前往；若您先到场，请先安抚被困人员。`,
  minutesLeft: (minutes) => (minutes >= 0 ? `剩余 ${minutes} 分钟` : `已超时 ${-minutes} 分钟`),
  open: '打开工单',
  noLink: '无链接：尚未设置 PUBLIC_URL，请致电值班室。',
  digestTitle: (notices) => `通知较多，合并为一条，共 ${notices} 条`,
  moreDevices: (devices) => `另有 ${devices} 台`,
  testTitle: 'Liftwatt 测试通知',
  testText: '该通道工作正常，并无事件发生。',
  askFirst: '如您能安全地自行处理，请点击链接告知；否则将派人前往。',
  page: {
    title: '工单',
    notFoundTitle: '链接无效',
    notFound: '链接有误或已过期（工单结束一天后失效），请致电值班室。',
    actions: {
      acknowledge: '已知悉，由我跟进',
      accept: '接单，马上出发',
      arrive: '已到现场',
      restore: '已恢复正常',
      'dealt-with': '已自行处理',
      'tell-passenger': '已安抚被困人员',
      come: '我去支援',
      inspect: '已到场检查',
    },
    done: '已记录，谢谢。',
    already: {
      'dealt-with': '此前已有人告知处理完毕。',
      'tell-passenger': '此前已有人安抚被困人员。',
      inspect: '此前已有人检查。',
    },
    notNow: (state) => `无法操作，工单当前状态：${state}。`,
    anothers: (team) => `工单现由${team}负责。`,
    calledFor: (team, said) => `工单由${team}负责，现请您前往支援。${said === null ? '' : `对方说明：${said}`}`,
    comes: '已应召，正前往支援',
    nothingToDo: '目前您无需在此操作。',
    goesOn: '此单已并入另一工单继续处置；需要您处理的，另有消息和链接。',
    otherLanguage: 'English',
  },
}

export const words: Readonly<Record<Locale, Words>> = { 'zh-CN': chinese, en }

/** A time as people here read it: "11-24 20:05" on the wall clock of Hangzhou, whatever the machine's zone is. */
export function localMinute(at: number): string {
  return `${localDate(at, shanghai).slice(5)} ${localTime(at, shanghai)}`
}
