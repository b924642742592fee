import type { Locale } from '../../core/words.ts'
import type { KpiId } from './index.ts'
import type { KpiUnit } from './kpi.ts'

/** "How is this computed", for people. Every language has the same sentences: the compiler asks for them. */
export interface KpiWords {
  readonly name: string
  readonly formula: string
  /** What it leaves out, and what it cannot know. */
  readonly excludes: string
  /** What its coverage is a share of; empty = nothing of it can be missing. */
  readonly coverage: string
  readonly interval: string
}

export interface KpiDictionary {
  readonly units: Readonly<Record<KpiUnit, string>>
  readonly kpis: Readonly<Record<KpiId, KpiWords>>
}

const en = {
  wilson: 'Wilson (1927), 95 %',
  garwood: 'Garwood (1936), exact Poisson, 95 %; above 400 events Byar’s approximation',
  conover:
    'Order statistics by the binomial distribution (Conover 1999), 95 %; a bound that so few values do not give is missing',
  student: 'Student’s t of the mean, 95 %; none below five, or where all are the same',
  bounds:
    'Not a matter of chance: the share if all that is unknown had been down, and if all had been up (Manski 1990)',
  none: 'None: no spread is kept',
  data: 'Time under contract for which telemetry says whether the elevator could be used',
  fault:
    'Drills, false alarms, orders that were taken over, and orders that are not closed yet. Orders that follow each other are one fault, at the time of the first that is no warning, with the cause found last. What occurred before the elevator was registered or under contract.',
  electricity: 'False alarms, drills, and orders that have not ended.',
  inspections: 'Re-checks, and inspections that were not possible.',
} as const

const enOutcome = (outcome: string): KpiWords => ({
  name: `Electricity: ${outcome}`,
  formula: `Orders of electricity meters that ended as ${outcome} ÷ all of them that ended as self-corrected, serviced, repaired or by enforcement`,
  ...{ excludes: en.electricity, coverage: '', interval: en.wilson },
})

const enTime = (what: string, quantile: string): KpiWords => ({
  name: `Time until ${what}, ${quantile}`,
  formula: `The shortest time that ${quantile.replace('p', '')} % of the emergency orders do not exceed, from detection (or from when it became an emergency) until ${what}`,
  excludes:
    'Drills, orders that were taken over, and those in which it has not happened, or had before they became emergencies.',
  ...{ coverage: 'Orders with a 30-minute clock in which it happened', interval: en.conover },
})

const enScore = (kind: string, formula: string): KpiWords => ({
  name: `Inspection score, ${kind}`,
  formula,
  ...{ excludes: en.inspections, coverage: '', interval: en.student },
})

const enPassed = (kind: string, formula: string): KpiWords => ({
  name: `Passed at once, ${kind}`,
  formula,
  ...{ excludes: en.inspections, coverage: '', interval: en.wilson },
})

const enOverhaul = (quantile: string): KpiWords => ({
  name: `Overhaul lead time, ${quantile}`,
  formula: `The shortest time that ${quantile.replace('p', '')} % of the parts and overhauls do not exceed, from the proposal until done`,
  ...{ excludes: 'Proposals that are open or were refused.', coverage: '', interval: en.conover },
})

const english: KpiDictionary = {
  units: {
    'per-elevator-year': 'per elevator and year',
    'per-100-elevators-month': 'per 100 elevators and month',
    ...{ share: 'share', seconds: 's', days: 'days', points: 'points' },
  },
  kpis: {
    'entrapment-rate': {
      name: 'Entrapment rate',
      formula:
        'Confirmed entrapments of any cause ÷ elevator-months × 100; a whole calendar month of one elevator is 1',
      ...{ excludes: en.fault, coverage: en.data, interval: en.garwood },
    },
    'entrapment-rate-equipment': {
      name: 'Entrapment rate, equipment',
      formula: 'Confirmed entrapments caused by the equipment ÷ elevator-months × 100',
      excludes: `Causes in people and outside. ${en.fault}`,
      ...{ coverage: en.data, interval: en.garwood },
    },
    'failure-rate': {
      name: 'Failure rate, equipment',
      formula:
        'Confirmed faults of the equipment ÷ elevator-years; a whole calendar year of one elevator is 1, leap years too',
      excludes: `Causes in people and outside, which do not count against the maintainer. ${en.fault}`,
      ...{ coverage: en.data, interval: en.garwood },
    },
    'failure-rate-people': {
      name: 'Failure rate, people',
      formula: 'Confirmed faults that people caused ÷ elevator-years',
      ...{ excludes: en.fault, coverage: en.data, interval: en.garwood },
    },
    'failure-rate-external': {
      name: 'Failure rate, external',
      formula: 'Confirmed faults caused from outside (power, heat, storm) ÷ elevator-years',
      ...{ excludes: en.fault, coverage: en.data, interval: en.garwood },
    },
    'failure-rate-unknown': {
      name: 'Failure rate, cause unknown',
      formula: 'Confirmed faults that were closed without a cause ÷ elevator-years',
      ...{ excludes: en.fault, coverage: en.data, interval: en.garwood },
    },
    availability: {
      name: 'Availability',
      formula: 'Minutes in service ÷ (minutes in service + minutes out of service)',
      excludes:
        'Planned maintenance (inspection mode, four hours of a day at most), and time without data: it is neither up nor down.',
      ...{ coverage: en.data, interval: en.bounds },
    },
    'arrived-in-30-minutes': {
      name: 'On site within 30 minutes',
      formula:
        'Orders with somebody on site by their deadline ÷ orders that somebody went for or whose deadline has passed',
      excludes: 'Drills, orders that were taken over, and orders that ended before their deadline with nobody on site.',
      ...{ coverage: '', interval: en.wilson },
    },
    ...{ 'respond-p50': enTime('accepted', 'p50'), 'respond-p90': enTime('accepted', 'p90') },
    'respond-p99': enTime('accepted', 'p99'),
    ...{ 'arrive-p50': enTime('on site', 'p50'), 'arrive-p90': enTime('on site', 'p90') },
    'arrive-p99': enTime('on site', 'p99'),
    ...{ 'restore-p50': enTime('restored', 'p50'), 'restore-p90': enTime('restored', 'p90') },
    'restore-p99': enTime('restored', 'p99'),
    'maintenance-on-time': {
      name: 'Maintenance on time',
      formula:
        'Pieces of maintenance done by their last day by a visit that telemetry proves, or evidence that was accepted after an objection ÷ pieces whose last day is in the period; where nobody comes, the next piece falls due a period later and is missed as well',
      excludes:
        'Elevators without a regime. A piece that is claimed to be done in time and that nothing proves is known to be neither in time nor late: it stands in the denominator alone, so that the value is a lower bound; without any other there is no figure.',
      coverage: 'Pieces that were missed, or done in time by a proven visit',
      interval: `${en.wilson}: from none to all of the pieces that are only claimed (Manski 1990)`,
    },
    'maintenance-claimed': {
      name: 'Maintenance claimed, not verified',
      formula:
        'Pieces of maintenance that somebody claims to have done by their last day, and telemetry cannot tell ÷ pieces whose last day is in the period',
      excludes: 'Elevators without a regime; visits that telemetry disproves do not count as done.',
      ...{ coverage: '', interval: en.wilson },
    },
    'maintenance-days-overdue': {
      name: 'Days overdue',
      formula: 'Days that began with a piece of maintenance overdue ÷ pieces whose last day is in the period',
      excludes: 'Elevators without a regime. Pieces that became overdue before the period count with their days in it.',
      ...{ coverage: 'Pieces that are not only claimed to be done in time', interval: en.none },
    },
    'verified-visits': {
      name: 'Verified visits',
      formula:
        'Visits that telemetry proves, or evidence that was accepted after an objection ÷ visits that were claimed',
      excludes:
        'Nothing. A visit about which telemetry cannot tell is neither proven nor not: it stands in the denominator alone, so that the value is a lower bound; coverage says how many could be told, and without any there is no figure.',
      coverage: 'Visits about which telemetry can tell',
      interval: `${en.wilson}: from none to all of the visits of which nothing can be told (Manski 1990)`,
    },
    'visit-effect': {
      name: 'Effect of a visit',
      formula: 'Mean health of the 7 days after a visit − mean health of the 7 days before it, averaged over visits',
      excludes: 'The day of the visit, and visits with fewer than 3 known days on either side.',
      ...{ coverage: 'Visits with health known on both sides', interval: en.student },
    },
    'repeat-faults': {
      name: 'Repeat faults',
      formula:
        'Faults of the equipment with the same fault repaired on the same elevator in the 30 days before ÷ faults of the equipment',
      excludes:
        'Drills, false alarms and orders that are not closed. Two reports by people are not the same fault, two entrapments are. Each order that reopens another counts by itself here.',
      ...{ coverage: '', interval: en.wilson },
    },
    'warnings-confirmed': {
      name: 'Warnings confirmed',
      formula:
        'Warnings that were closed with a cause in the equipment ÷ warnings that were closed; a warning is an order that a rule planned, also if it became an emergency',
      excludes:
        'Drills, orders that were taken over or are open, and orders about missing or frozen data: they foretell nothing.',
      ...{ coverage: '', interval: en.wilson },
    },
    'faults-warned': {
      name: 'Faults with a warning',
      formula:
        'Faults of the equipment with a warning on the same elevator in the 30 days before, or that follow a warning ÷ faults of the equipment',
      ...{
        excludes: `Warnings that were false alarms, or about missing or frozen data. ${en.fault}`,
        coverage: '',
        interval: en.wilson,
      },
    },
    'false-alarms': {
      name: 'False alarms',
      formula:
        'Orders of rules that were closed as false alarms ÷ orders of rules that were closed; also for each rule',
      excludes: 'Drills, calls by people, and orders that were cancelled or taken over.',
      ...{ coverage: '', interval: en.wilson },
    },
    'closure-rate': {
      name: 'Closure rate',
      formula: 'Orders that are closed ÷ orders that were opened',
      ...{ excludes: 'Drills, and orders that were cancelled or taken over.', coverage: '', interval: en.wilson },
    },
    'mean-health': {
      name: 'Health',
      formula: 'Mean of the daily health scores of elevators that are known',
      excludes: 'Days on which the score is not known.',
      ...{ coverage: 'Days under contract with a known score', interval: en.none },
    },
    'inspection-score': {
      name: 'Inspection score',
      formula:
        'Mean score of all inspections that ended in the period with a score, of whatever kind. Companies are compared by kind alone: unannounced inspections go where the risk is',
      ...{ excludes: en.inspections, coverage: '', interval: en.student },
    },
    'inspection-score-quarterly': enScore(
      'quarterly',
      'Mean score of the quarterly inspections, which all elevators have, that ended in the period with a score',
    ),
    'inspection-score-monthly': enScore(
      'monthly sample',
      'Mean score of the inspections of monthly random samples that ended in the period with a score',
    ),
    'inspection-score-unannounced': enScore(
      'unannounced',
      'Mean score of the unannounced inspections, weighted by risk, that ended in the period with a score',
    ),
    'inspections-passed': {
      name: 'Passed at once',
      formula:
        'Inspections of whatever kind that were passed ÷ those with a verdict that ended in the period. Companies are compared by kind alone: unannounced inspections go where the risk is',
      ...{ excludes: en.inspections, coverage: '', interval: en.wilson },
    },
    'inspections-passed-quarterly': enPassed(
      'quarterly',
      'Quarterly inspections, which all elevators have, that were passed ÷ those with a verdict that ended in the period',
    ),
    'inspections-passed-monthly': enPassed(
      'monthly sample',
      'Inspections of monthly random samples that were passed ÷ those with a verdict that ended in the period',
    ),
    'inspections-passed-unannounced': enPassed(
      'unannounced',
      'Unannounced inspections, weighted by risk, that were passed ÷ those with a verdict that ended in the period',
    ),
    'overhaul-p50': enOverhaul('p50'),
    'overhaul-p90': enOverhaul('p90'),
    'electricity-self-corrected': enOutcome('self-corrected'),
    'electricity-serviced': enOutcome('serviced'),
    'electricity-repaired': enOutcome('repaired'),
    'electricity-enforcement': enOutcome('enforcement'),
  },
}

const zh = {
  wilson: 'Wilson（1927）区间，95 %',
  garwood: 'Garwood（1936）泊松精确区间，95 %；事件多于 400 起时用 Byar 近似',
  conover: '按二项分布的次序统计量（Conover 1999），95 %；样本太少时缺少相应界限',
  student: '均值的学生 t 区间，95 %；少于 5 次或数值全部相同时无区间',
  bounds: '并非随机误差：未知时间全部停用或全部可用时的取值（Manski 1990）',
  none: '无：未保留离散程度',
  data: '合同期内由遥测得知电梯能否使用的时间占比',
  fault:
    '不计演练、误报、已被合并的工单和尚未关闭的工单。前后相继的工单算一起故障，时间取其中第一张非预警工单，原因取最后认定的。电梯登记或签约之前发生的也不计。',
  electricity: '不计误报、演练和尚未结束的工单。',
  inspections: '不计复查和无法进行的检查。',
} as const

const zhOutcome = (outcome: string): KpiWords => ({
  name: `用电处置：${outcome}`,
  formula: `以“${outcome}”结束的电表工单 ÷ 以自行纠正、协同服务、维修或执法结束的全部电表工单`,
  ...{ excludes: zh.electricity, coverage: '', interval: zh.wilson },
})

const zhTime = (what: string, quantile: string): KpiWords => ({
  name: `${what}用时 ${quantile}`,
  formula: `自发现（或升级为应急）起至${what}，${quantile.replace('p', '')} % 的应急工单不超过的最短时间`,
  excludes: '不计演练、已被合并的工单和尚未到该步骤的工单。',
  ...{ coverage: '有 30 分钟时限且已到该步骤的工单占比', interval: zh.conover },
})

const zhScore = (kind: string, formula: string): KpiWords => ({
  name: `检查得分（${kind}）`,
  formula,
  ...{ excludes: zh.inspections, coverage: '', interval: zh.student },
})

const zhPassed = (kind: string, formula: string): KpiWords => ({
  name: `一次检查合格率（${kind}）`,
  formula,
  ...{ excludes: zh.inspections, coverage: '', interval: zh.wilson },
})

const zhOverhaul = (quantile: string): KpiWords => ({
  name: `大修周期 ${quantile}`,
  formula: `自提出起至完成，${quantile.replace('p', '')} % 的更换部件和大修不超过的最短时间`,
  ...{ excludes: '不计尚未完成和被拒绝的提议。', coverage: '', interval: zh.conover },
})

const chinese: KpiDictionary = {
  units: {
    'per-elevator-year': '起/台·年',
    'per-100-elevators-month': '起/百台·月',
    ...{ share: '占比', seconds: '秒', days: '天', points: '分' },
  },
  kpis: {
    'entrapment-rate': {
      name: '困人率',
      formula: '各类原因的已确认困人起数 ÷ 台·月 × 100；一台电梯一个完整自然月为 1',
      ...{ excludes: zh.fault, coverage: zh.data, interval: zh.garwood },
    },
    'entrapment-rate-equipment': {
      name: '困人率（设备原因）',
      formula: '设备原因的已确认困人起数 ÷ 台·月 × 100',
      excludes: `人为和外部原因除外。${zh.fault}`,
      ...{ coverage: zh.data, interval: zh.garwood },
    },
    'failure-rate': {
      name: '故障率（设备原因）',
      formula: '设备原因的已确认故障起数 ÷ 台·年；一台电梯一个完整自然年为 1，闰年亦然',
      excludes: `人为和外部原因除外，不计入维保单位责任。${zh.fault}`,
      ...{ coverage: zh.data, interval: zh.garwood },
    },
    'failure-rate-people': {
      name: '故障率（人为原因）',
      formula: '人为原因的已确认故障起数 ÷ 台·年',
      ...{ excludes: zh.fault, coverage: zh.data, interval: zh.garwood },
    },
    'failure-rate-external': {
      name: '故障率（外部原因）',
      formula: '外部原因（停电、高温、暴雨）的已确认故障起数 ÷ 台·年',
      ...{ excludes: zh.fault, coverage: zh.data, interval: zh.garwood },
    },
    'failure-rate-unknown': {
      name: '故障率（原因不明）',
      formula: '关闭时未写明原因的已确认故障起数 ÷ 台·年',
      ...{ excludes: zh.fault, coverage: zh.data, interval: zh.garwood },
    },
    availability: {
      name: '可用率',
      formula: '运行分钟数 ÷（运行分钟数 + 停用分钟数）',
      excludes: '不计计划维保时间（检修模式，每天至多 4 小时）和无数据时间：无数据既不算可用，也不算停用。',
      ...{ coverage: zh.data, interval: zh.bounds },
    },
    'arrived-in-30-minutes': {
      name: '30 分钟到场率',
      formula: '时限内有人到场的工单 ÷ 已到场或时限已过的工单',
      excludes: '不计演练、已被合并的工单，以及时限前无人到场即结束的工单。',
      ...{ coverage: '', interval: zh.wilson },
    },
    ...{ 'respond-p50': zhTime('接单', 'p50'), 'respond-p90': zhTime('接单', 'p90') },
    'respond-p99': zhTime('接单', 'p99'),
    ...{ 'arrive-p50': zhTime('到场', 'p50'), 'arrive-p90': zhTime('到场', 'p90') },
    'arrive-p99': zhTime('到场', 'p99'),
    ...{ 'restore-p50': zhTime('恢复', 'p50'), 'restore-p90': zhTime('恢复', 'p90') },
    'restore-p99': zhTime('恢复', 'p99'),
    'maintenance-on-time': {
      name: '按期维保率',
      formula:
        '在最后期限内由遥测证实（或异议后证据被采纳）的到访完成的维保项 ÷ 最后期限在统计期内的维保项；无人到场时，下一项在一个周期后到期，同样算未完成',
      excludes:
        '不计未设维保制度的电梯。仅申报按期完成、无从证实的维保项是否按期不得而知：只计入分母，因此数值为下限；全部如此时没有数值。',
      coverage: '未完成的，或由已证实的到访按期完成的维保项占比',
      interval: `${zh.wilson}：仅申报的维保项全部落空或全部属实时的界限（Manski 1990）`,
    },
    'maintenance-claimed': {
      name: '仅申报维保率',
      formula: '申报在最后期限内完成、遥测无法判断的维保项 ÷ 最后期限在统计期内的维保项',
      excludes: '不计未设维保制度的电梯；遥测证伪的到访不算完成。',
      ...{ coverage: '', interval: zh.wilson },
    },
    'maintenance-days-overdue': {
      name: '逾期天数',
      formula: '开始时仍有维保项逾期的天数 ÷ 最后期限在统计期内的维保项',
      excludes: '不计未设维保制度的电梯。统计期前已逾期的维保项计其在统计期内的天数。',
      ...{ coverage: '并非仅申报按期完成的维保项占比', interval: zh.none },
    },
    'verified-visits': {
      name: '核实到访率',
      formula: '遥测证实或异议后证据被采纳的到访 ÷ 申报的到访',
      excludes:
        '无。遥测无法判断的到访既不算证实也不算否定：只计入分母，因此数值为下限；覆盖率说明可判断的占比，全部无法判断时没有数值。',
      coverage: '遥测可以判断的到访占比',
      interval: `${zh.wilson}：无法判断的到访全部落空或全部证实时的界限（Manski 1990）`,
    },
    'visit-effect': {
      name: '到访效果',
      formula: '到访后 7 天平均健康分 − 到访前 7 天平均健康分，对各次到访取平均',
      excludes: '不计到访当天，以及任一侧已知天数不足 3 天的到访。',
      ...{ coverage: '前后健康分均已知的到访占比', interval: zh.student },
    },
    'repeat-faults': {
      name: '重复故障率',
      formula: '同一电梯同一故障修复后 30 天内再次发生的设备故障 ÷ 设备故障',
      excludes: '不计演练、误报和尚未关闭的工单。两次人工报修不算同一故障，两次困人算。重开的工单在此单独计数。',
      ...{ coverage: '', interval: zh.wilson },
    },
    'warnings-confirmed': {
      name: '预警证实率',
      formula: '以设备原因关闭的预警 ÷ 已关闭的预警；预警指规则生成的计划工单，后来升级为应急的也算',
      excludes: '不计演练、已被合并和未关闭的工单，也不计数据缺失或数据停滞的工单：它们不预示故障。',
      ...{ coverage: '', interval: zh.wilson },
    },
    'faults-warned': {
      name: '故障预警率',
      formula: '发生前 30 天内同一电梯有预警或接续预警的设备故障 ÷ 设备故障',
      ...{ excludes: `误报的预警和关于数据缺失或停滞的工单除外。${zh.fault}`, coverage: '', interval: zh.wilson },
    },
    'false-alarms': {
      name: '误报率',
      formula: '以误报关闭的规则工单 ÷ 已关闭的规则工单；亦按规则分列',
      excludes: '不计演练、人工报修以及已取消或已被合并的工单。',
      ...{ coverage: '', interval: zh.wilson },
    },
    'closure-rate': {
      name: '办结率',
      formula: '已关闭的工单 ÷ 已生成的工单',
      ...{ excludes: '不计演练以及已取消或已被合并的工单。', coverage: '', interval: zh.wilson },
    },
    'mean-health': {
      name: '健康分',
      formula: '电梯每日已知健康分的平均值',
      excludes: '不计健康分未知的日子。',
      ...{ coverage: '合同期内健康分已知的天数占比', interval: zh.none },
    },
    'inspection-score': {
      name: '检查得分',
      formula: '统计期内完成且有得分的各类检查的平均得分。单位之间只按检查类别比较：飞行检查偏向风险较高的电梯',
      ...{ excludes: zh.inspections, coverage: '', interval: zh.student },
    },
    'inspection-score-quarterly': zhScore('季度检查', '统计期内完成且有得分的季度检查（覆盖全部电梯）的平均得分'),
    'inspection-score-monthly': zhScore('每月抽查', '统计期内完成且有得分的每月随机抽查的平均得分'),
    'inspection-score-unannounced': zhScore('飞行检查', '统计期内完成且有得分的飞行检查（按风险加权选取）的平均得分'),
    'inspections-passed': {
      name: '一次检查合格率',
      formula: '合格的检查 ÷ 统计期内有结论的各类检查。单位之间只按检查类别比较：飞行检查偏向风险较高的电梯',
      ...{ excludes: zh.inspections, coverage: '', interval: zh.wilson },
    },
    'inspections-passed-quarterly': zhPassed('季度检查', '合格的季度检查（覆盖全部电梯）÷ 统计期内有结论的季度检查'),
    'inspections-passed-monthly': zhPassed('每月抽查', '合格的每月随机抽查 ÷ 统计期内有结论的每月随机抽查'),
    'inspections-passed-unannounced': zhPassed(
      '飞行检查',
      '合格的飞行检查（按风险加权选取）÷ 统计期内有结论的飞行检查',
    ),
    'overhaul-p50': zhOverhaul('p50'),
    'overhaul-p90': zhOverhaul('p90'),
    'electricity-self-corrected': zhOutcome('自行纠正'),
    'electricity-serviced': zhOutcome('协同服务'),
    'electricity-repaired': zhOutcome('维修'),
    'electricity-enforcement': zhOutcome('执法'),
  },
}

export const kpiWords: Readonly<Record<Locale, KpiDictionary>> = { 'zh-CN': chinese, en: english }
