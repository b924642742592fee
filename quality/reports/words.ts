import { type IndexPart, indexPartNames } from '../../core/estate-index.ts'
import type { ReportType } from '../../core/report.ts'
import type { Locale } from '../../core/words.ts'
import type { RoomCount } from './safety.ts'

/** What reports say beside the names of the figures. Every language has the same sentences: the compiler asks for them. */
export interface ReportWords {
  readonly title: Readonly<Record<ReportType, string>>
  readonly period: string
  readonly days: (first: string, last: string) => string
  readonly asOf: string
  readonly asOfText: string
  readonly about: string
  readonly everything: string
  readonly elevators: string
  readonly others: string
  readonly withUnit: (name: string, unit: string) => string
  readonly version: string
  readonly page: (page: number, of: number) => string
  /** Instead of the link in a notice. */
  readonly noLink: (id: string) => string
  readonly sections: {
    readonly summary: string
    readonly total: string
    readonly maintainers: string
    readonly estates: string
    readonly year: string
    readonly index: string
    readonly rooms: string
    readonly method: string
    readonly gaps: string
    readonly proof: string
  }
  readonly columns: {
    readonly figure: string
    readonly value: string
    readonly interval: string
    readonly basis: string
    readonly coverage: string
    readonly before: string
    readonly name: string
    readonly elevators: string
    readonly standardised: string
    readonly month: string
  }
  readonly nobody: string
  readonly noPlace: string
  /** What stands in a cell for what is not known, and what else the tables hold. */
  readonly legend: string
  readonly standardisedText: string
  readonly change: Readonly<Record<'better' | 'worse' | 'higher' | 'lower' | 'cannot-tell', string>>
  readonly leftOut: (groups: number) => string
  readonly largest: (groups: number) => string
  readonly noGroups: string
  readonly summary: {
    readonly scope: (elevators: string, others: string, maintainers: number) => string
    readonly nothing: (figure: string) => string
    readonly figure: (figure: string, value: string, interval: string | null, basis: string) => string
    readonly before: (value: string, change: string) => string
    readonly worse: (figure: string, names: string) => string
    readonly alike: (figures: string) => string
    readonly gaps: (figures: string) => string
    readonly leftOut: (estates: string) => string
    readonly pending: (months: number) => string
    readonly notOver: (asOf: string) => string
  }
  readonly method: {
    readonly text: readonly string[]
    readonly formula: string
    readonly excludes: string
    readonly interval: string
    readonly coverage: string
  }
  readonly gaps: {
    readonly text: string
    readonly none: string
    readonly unknown: string
  }
  readonly proof: {
    readonly text: string
    readonly seal: string
    readonly at: string
    readonly none: string
    readonly how: string
    readonly orHttp: string
  }
  readonly safety: {
    readonly indexText: string
    readonly noEstates: string
    readonly index: string
    readonly parts: Readonly<Record<IndexPart, string>>
    /** "20 / 25, weight 20" */
    readonly made: (numerator: string, denominator: string, weight: string) => string
    /** Of a mean: upon how many. */
    readonly meanOf: (count: string, weight: string) => string
    readonly counts: (counts: Readonly<Record<RoomCount, string>>) => string
    readonly roomCounts: Readonly<Record<RoomCount, string>>
    readonly noRooms: string
  }
  readonly sheets: Readonly<Record<'summary' | 'figures' | 'months' | 'method', string>>
  readonly cells: Readonly<Record<CellName, string>>
  readonly groups: Readonly<Record<'total' | 'maintainer' | 'estate' | 'month' | 'rooms', string>>
  readonly list: (items: readonly string[]) => string
  readonly labelled: (label: string, text: string) => string
}

/** Columns of what is counted on with: Excel and CSV. */
export const cellNames = [
  ...(['group', 'id', 'name', 'elevators', 'kpi', 'figure', 'unit', 'value', 'low', 'high'] as const),
  ...(['numerator', 'denominator', 'coverage', 'rank', 'valueBefore', 'lowBefore', 'highBefore'] as const),
] as const
export type CellName = (typeof cellNames)[number]

const en: ReportWords = {
  title: { monthly: 'Monthly quality report', quarterly: 'Quarterly quality report', custom: 'Quality report' },
  period: 'Period',
  days: (first, last) => `${first} to ${last}, both included`,
  asOf: 'As of',
  asOfText:
    'Everything below rests on what was known then. Records that came or were corrected later are in later reports.',
  about: 'About',
  everything: 'All elevators and rooms of this installation',
  elevators: 'Elevators',
  others: 'Rooms’ meters',
  withUnit: (name, unit) => `${name} (${unit})`,
  version: 'Made by Liftwatt',
  page: (page, of) => `Page ${page} of ${of}`,
  noLink: (id) => `In Liftwatt, as report ${id}`,
  sections: {
    summary: 'Summary',
    total: 'All figures',
    maintainers: 'By maintainer',
    estates: 'By estate',
    year: 'Twelve months',
    index: 'Ping’an index of estates',
    rooms: 'Fire safety of rental rooms',
    method: 'How each figure is computed',
    gaps: 'Coverage and gaps',
    proof: 'How to verify this report',
  },
  columns: {
    figure: 'Figure',
    value: 'Value',
    interval: '95 % interval',
    basis: 'Counted',
    coverage: 'Coverage',
    before: 'A year before',
    name: 'Name',
    elevators: 'Elevators',
    standardised: 'Faults, against its like',
    month: 'Month',
  },
  nobody: 'Nobody under contract',
  noPlace: 'Without an estate',
  legend:
    '– means unknown: nothing was counted, or there is no data. Under each value stands what may be said of the true one at 95 %. Groups stand in the order of their names, not of merit.',
  standardisedText:
    '“Against its like”: faults divided by those that elevators of the same age, floors and use had in this report; 1.00 is as its like.',
  change: {
    better: 'better',
    worse: 'worse',
    higher: 'higher',
    lower: 'lower',
    'cannot-tell': 'cannot be told apart',
  },
  leftOut: (groups) => `${groups} more are in the Excel and CSV files.`,
  largest: (groups) => `The charts show the ${groups} with the most elevators.`,
  noGroups: 'There is none in this period.',
  summary: {
    scope: (elevators, others, maintainers) =>
      `This report is about ${elevators} elevators and ${others} meters; maintainers under contract: ${maintainers}.`,
    nothing: (figure) => `${figure}: cannot be said, for nothing was counted.`,
    figure: (figure, value, interval, basis) =>
      `${figure}: ${value}${interval === null ? '' : ` (${interval})`}, counted ${basis}.`,
    before: (value, change) => `A year before: ${value}; ${change}.`,
    worse: (figure, names) => `${figure}: certainly worse than the best: ${names}.`,
    alike: (figures) => `No maintainer can be told apart from the best by: ${figures}.`,
    gaps: (figures) => `Less than 80 % is covered by data for: ${figures}.`,
    leftOut: (estates) => `${estates} smaller estates are left out: ask about a district or a company.`,
    notOver: (asOf) => `The period is not over: it is counted up to ${asOf}.`,
    pending: (months) => `${months} months of single devices have changed records that were not counted again yet.`,
  },
  method: {
    text: [
      'Every figure is defined once, and page, report, Excel file and drill-down use the same definition. A contract that changed within the period counts for its days only.',
      'Beside each figure stands an interval: with few events a rate says little, and what overlaps is not ranked. No data is neither up nor down, and never counts for or against anybody.',
    ],
    formula: 'Formula',
    excludes: 'Leaves out',
    interval: 'Interval',
    coverage: 'Coverage is the share of',
  },
  gaps: {
    text: 'Where less than 80 % of what a figure should rest on is known:',
    none: 'No figure rests on less than 80 % of its data.',
    unknown: 'Nothing is known of any figure that rests on data.',
  },
  proof: {
    text: 'Every order, visit, inspection and contract behind these figures is in a chain of SHA-256 hashes. When this report was made, the newest seal over all chains was the one below. Whoever has this page can tell later whether such a record from before that time was changed or removed. Telemetry (availability, health), maintenance regimes, and who maintains or insures without a contract are not in chains.',
    seal: 'Seal',
    at: 'Sealed at',
    none: 'Nothing was sealed yet when this report was made.',
    how: 'On the machine of the service:',
    orHttp: 'Or over HTTP, as an operator:',
  },
  safety: {
    indexText:
      'The weighted mean of what is known, 0 to 100; under each part stands what it was counted from, and its weight. Unknown (–) where less than half of the weight is known. Weights are unverified defaults unless somebody set them.',
    noEstates: 'No estate is in sight.',
    index: 'Index',
    parts: indexPartNames.en,
    made: (numerator, denominator, weight) => `${numerator} / ${denominator}, weight ${weight}`,
    meanOf: (count, weight) => `mean of ${count}, weight ${weight}`,
    counts: ({ withFindings, repeatedCharging, risingLeakage, attended, ended, selfCorrected }) =>
      `Rooms with findings: ${withFindings}; charging an e-bike again: ${repeatedCharging}; with rising leakage: ${risingLeakage}. Somebody was there ${attended} times; of ${ended} orders that ended ${selfCorrected} righted themselves.`,
    roomCounts: {
      withFindings: 'Rooms with findings',
      repeatedCharging: 'Rooms charging an e-bike again',
      risingLeakage: 'Rooms with rising leakage',
      attended: 'Times that somebody was there',
      ended: 'Orders that ended',
      selfCorrected: 'Orders that righted themselves',
    },
    noRooms: 'Nothing was found in any room in this period.',
  },
  sheets: { summary: 'Summary', figures: 'Figures', months: 'Months', method: 'Method' },
  cells: {
    ...{ group: 'Group', id: 'ID', name: 'Name', elevators: 'Elevators', kpi: 'Figure ID', figure: 'Figure' },
    ...{ unit: 'Unit', value: 'Value', low: 'Low (95 %)', high: 'High (95 %)', numerator: 'Numerator' },
    ...{ denominator: 'Denominator', coverage: 'Coverage', rank: 'Rank', valueBefore: 'A year before' },
    ...{ lowBefore: 'A year before, low', highBefore: 'A year before, high' },
  },
  groups: { total: 'all', maintainer: 'maintainer', estate: 'estate', month: 'month', rooms: 'rooms' },
  list: (items) => items.join('; '),
  labelled: (label, text) => `${label}: ${text}`,
}

const zh: ReportWords = {
  title: { monthly: '质量评价月报', quarterly: '质量评价季报', custom: '质量评价报告' },
  period: '统计期',
  days: (first, last) => `${first} 至 ${last}（含首尾两日）`,
  asOf: '数据截至',
  asOfText: '以下内容均以该时点已知的数据为准；之后到达或更正的记录计入以后的报告。',
  about: '范围',
  everything: '本系统内全部电梯与房间',
  elevators: '电梯台数',
  others: '用电监测点',
  withUnit: (name, unit) => `${name.replace(/）$/, '，')}${name.endsWith('）') ? '' : '（'}${unit}）`,
  version: '生成软件 Liftwatt',
  page: (page, of) => `第 ${page} 页，共 ${of} 页`,
  noLink: (id) => `请在 Liftwatt 中查看报告 ${id}`,
  sections: {
    summary: '摘要',
    total: '全部指标',
    maintainers: '按维保单位',
    estates: '按小区',
    year: '十二个月走势',
    index: '小区平安指数',
    rooms: '出租房消防安全',
    method: '指标如何计算',
    gaps: '数据覆盖与缺口',
    proof: '如何核验本报告',
  },
  columns: {
    figure: '指标',
    value: '数值',
    interval: '95 % 区间',
    basis: '计数',
    coverage: '覆盖率',
    before: '上年同期',
    name: '名称',
    elevators: '台数',
    standardised: '故障与同类相比',
    month: '月份',
  },
  nobody: '无合同单位',
  noPlace: '未归属小区',
  legend: '“–”表示未知：没有可计数的记录，或没有数据。数值下方为真值的 95 % 区间。各组按名称排列，不代表名次。',
  standardisedText: '“与同类相比”：故障数 ÷ 本报告中同龄、同层数、同用途电梯应有的故障数；1.00 即与同类相当。',
  change: { better: '改善', worse: '变差', higher: '升高', lower: '降低', 'cannot-tell': '无法区分' },
  leftOut: (groups) => `其余 ${groups} 组见 Excel 和 CSV 文件。`,
  largest: (groups) => `图中为电梯台数最多的 ${groups} 家。`,
  noGroups: '本统计期内没有。',
  summary: {
    scope: (elevators, others, maintainers) =>
      `本报告涵盖 ${elevators} 台电梯和 ${others} 个用电监测点，签约维保单位 ${maintainers} 家。`,
    nothing: (figure) => `${figure}：没有可计数的记录，无法得出。`,
    figure: (figure, value, interval, basis) =>
      `${figure}：${value}${interval === null ? '' : `（${interval}）`}，计数 ${basis}。`,
    before: (value, change) => `上年同期 ${value}，${change}。`,
    worse: (figure, names) => `${figure}：可确定差于最好者的有：${names}。`,
    alike: (figures) => `以下指标上各维保单位与最好者无法区分：${figures}。`,
    gaps: (figures) => `以下指标的数据覆盖率不足 80 %：${figures}。`,
    leftOut: (estates) => `另有 ${estates} 个较小的小区未列出：请按区县或公司生成报告。`,
    notOver: (asOf) => `统计期尚未结束：计至 ${asOf}。`,
    pending: (months) => `有 ${months} 个台·月的记录已变动，尚未重新汇总。`,
  },
  method: {
    text: [
      '每个指标只定义一次，页面、报告、Excel 文件和明细查询使用同一定义。统计期内变更的合同只计其有效天数。',
      '每个指标旁给出区间：事件很少时比率说明不了什么，区间重叠的不排名次。没有数据既不算正常也不算停用，不对任何一方计分。',
    ],
    formula: '公式',
    excludes: '排除',
    interval: '区间',
    coverage: '覆盖率的含义',
  },
  gaps: {
    text: '以下指标应依据的数据已知部分不足 80 %：',
    none: '没有指标的数据覆盖率低于 80 %。',
    unknown: '依据数据的指标均无已知数据。',
  },
  proof: {
    text: '这些指标背后的每张工单、每次到访、每次检查和每份合同都在 SHA-256 哈希链中。生成本报告时，覆盖全部链的最新封印如下。持有本页的人以后可以判断该时点之前的此类记录是否被改动或删除。遥测数据（可用率、健康度）、维保制度以及未签合同的维保或承保关系不在链中。',
    seal: '封印',
    at: '封印时间',
    none: '生成本报告时尚无封印。',
    how: '在服务所在机器上：',
    orHttp: '或由管理员通过 HTTP：',
  },
  safety: {
    indexText:
      '已知部分的加权平均，0 至 100；各部分下方为计数依据与权重。已知权重不足一半时为未知（–）。权重未经设定时为未验证的默认值。',
    noEstates: '没有可见的小区。',
    index: '指数',
    parts: indexPartNames['zh-CN'],
    made: (numerator, denominator, weight) => `${numerator} / ${denominator}，权重 ${weight}`,
    meanOf: (count, weight) => `${count} 项平均，权重 ${weight}`,
    counts: ({ withFindings, repeatedCharging, risingLeakage, attended, ended, selfCorrected }) =>
      `发现问题的房间 ${withFindings} 间，其中电动车反复充电 ${repeatedCharging} 间，漏电上升 ${risingLeakage} 间。到场 ${attended} 次；已结工单 ${ended} 张，其中自行纠正 ${selfCorrected} 张。`,
    roomCounts: {
      withFindings: '发现问题的房间',
      repeatedCharging: '电动车反复充电的房间',
      risingLeakage: '漏电上升的房间',
      attended: '到场次数',
      ended: '已结工单',
      selfCorrected: '自行纠正的工单',
    },
    noRooms: '本统计期内没有房间发现问题。',
  },
  sheets: { summary: '摘要', figures: '指标', months: '各月', method: '算法' },
  cells: {
    ...{ group: '分组', id: '编号', name: '名称', elevators: '台数', kpi: '指标代号', figure: '指标' },
    ...{ unit: '单位', value: '数值', low: '下限（95 %）', high: '上限（95 %）', numerator: '分子' },
    ...{ denominator: '分母', coverage: '覆盖率', rank: '名次', valueBefore: '上年同期' },
    ...{ lowBefore: '上年同期下限', highBefore: '上年同期上限' },
  },
  groups: { total: '全部', maintainer: '维保单位', estate: '小区', month: '月份', rooms: '出租房' },
  list: (items) => items.join('、'),
  labelled: (label, text) => `${label}：${text}`,
}

export const reportWords: Readonly<Record<Locale, ReportWords>> = { 'zh-CN': zh, en }
