/*
 * What the figures of findings are called in Chinese, by their keys. A new rule needs a word here for each key and each choice of
 * its evidence that has none yet; `chinese-detail.test.ts` lists them.
 */

/** A number (its unit is that of its name, else `unit`) or a text that is shown as it is. */
export interface Figure {
  readonly name: string
  readonly unit?: string
}
interface Flag {
  /** Of a metric, where it is missing. */
  readonly name?: string
  readonly yes: string
  /** Null = only its being so is worth a word. */
  readonly no: string | null
}
interface Choice {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}
/** Names of metrics, separated by commas. */
interface MetricList {
  readonly name: string
  readonly isMetrics: true
}
/** The id of a finding; what is none is not said. */
interface FindingName {
  readonly name: string
  readonly isFinding: true
}
export type EvidenceWord = string | Figure | Flag | Choice | MetricList | FindingName

/** A part of 1, shown in per cent. */
export const share = 'share'

const door: Choice['values'] = {
  ...{ open: '打开', opening: '正在打开', closed: '关闭', closing: '正在关闭' },
  'opening or closing': '正在开或关',
}

/** Of what devices measure. */
export const metricWords = {
  mode: {
    name: '运行模式',
    values: {
      normal: '正常',
      inspection: '检修',
      fire: '消防返回',
      firefighter: '消防员操作',
      'emergency-power': '应急电源',
      earthquake: '地震',
      'out-of-service': '停止服务',
    },
  },
  floor: '楼层',
  direction: { name: '运行方向', values: { up: '向上', down: '向下', none: '无' } },
  doorState: { name: '轿门', values: door },
  doorZone: { name: '门区信号', yes: '在门区内', no: '不在门区内' },
  safetyCircuit: { name: '安全回路', values: { closed: '闭合', open: '断开' } },
  brakeState: { name: '制动器', values: { applied: '抱闸', released: '松闸' } },
  passengerPresent: { name: '轿厢有人检测', yes: '轿厢内有人', no: '轿厢内无人' },
  carSpeedMps: '轿厢速度',
  loadPercent: '载荷',
  doorOpenSeconds: '开门用时',
  doorCloseSeconds: '关门用时',
  doorHeldSeconds: '开门保持',
  doorReopens: { name: '重复开门', unit: '次' },
  doorObstructed: { name: '关门受阻检测', yes: '关门受阻', no: '关门未受阻' },
  doorLockRetries: { name: '门锁重试', unit: '次' },
  levellingErrorMm: '平层误差',
  relevels: { name: '再平层', unit: '次' },
  brakeApplyMs: '抱闸用时',
  brakeReleaseMs: '松闸用时',
  stopDistanceMm: '制动距离',
  ropeSlipMm: '钢丝绳滑移',
  motorCelsius: '电机温度',
  motorAmps: '电机电流',
  vibrationMmPerS: '曳引机振动',
  carVibrationMps2: '轿厢振动',
  machineRoomCelsius: '机房温度',
  cabinetCelsius: '控制柜温度',
  trips: { name: '运行次数', unit: '次' },
  runHours: '运行时间',
  doorCycles: { name: '开关门次数', unit: '次' },
  faultCode: '故障码',
  alarmButton: { name: '报警按钮', yes: '报警按钮已按下', no: '报警按钮未按下' },
  mainsLost: { name: '主电源检测', yes: '主电源断电', no: '主电源正常' },

  volts: '电压',
  amps: '电流',
  neutralAmps: '零线电流',
  watts: '功率',
  powerFactor: '功率因数',
  hertz: '频率',
  energyKwh: '电量',
  residualMilliamps: '剩余电流',
  terminalCelsius: '端子温度',
  cableCelsius: '电缆温度',
  ambientCelsius: '表箱温度',
  arcHalfCycles: { name: '每秒电弧半波', unit: '个' },
  breaker: { name: '断路器', values: { closed: '合闸', open: '分闸', tripped: '跳闸' } },
  meterCelsius: '电表温度',
  occupied: { name: '室内有人检测', yes: '室内有人', no: '室内无人' },
} as const satisfies Readonly<Record<string, EvidenceWord>>

/** Of what rules say beside it. */
const figures = {
  standingSeconds: '已停留',
  waitingSeconds: '已等待',
  drivenSeconds: '已连续驱动',
  lastedSeconds: '已持续',
  outOfServiceSeconds: '已停止服务',
  events: { name: '自行恢复', unit: '次' },
  withinHours: '发生于',
  windowHours: '统计时段',
  lastRetries: { name: '最近门锁重试', unit: '次' },
  motorKilowatts: '电机额定功率',
  motorAmpsRatio: { name: '电机电流为平时的', unit: '倍' },
  leftDays: '预计到限值还有',
  leftLowDays: '最早',
  leftHighDays: '最晚',
  means: { name: '对应', isFinding: true },
  tries: { name: '已尝试', unit: '次' },
  outsideDoorZone: { yes: '停在门区外', no: '停在门区内' },
  insulationClass: '绝缘等级',
  stillPressed: { yes: '按钮仍按着', no: '按钮已松开' },
  nobodySeen: { yes: '未检测到乘客', no: null },
  running: { yes: '正在运行', no: null },
  movedMm: '开门时移动',
  leftFloor: '原停楼层',
  slips: { yes: '曳引绳打滑', no: null },
  outOfService: { yes: '已停止服务', no: null },
  lostSeconds: '已失电',
  outageVolts: '停电判据',
  lastGasp: { yes: '断电前的最后上报', no: null },
  breakerAmps: '断路器额定电流',
  heatShare: '热积累',
  alarmHalfCycles: { name: '报警值', unit: '个' },
  noLoadVolts: '空载电压',
  jumps: { name: '电压跳变', unit: '次' },
  supplyOhms: '电源内阻',
  dropVolts: '自身负荷引起的电压变化',
  loadSteps: { name: '负荷阶跃', unit: '次' },
  withinMinutes: '统计时段',
  conductorMaxCelsius: '导体允许温度',
  times: { name: '为平时的', unit: '倍' },
  kelvinPerAmpSquared: { name: '单位电流平方温升', unit: 'K/A²' },
  kelvinAtRated: { name: '额定电流下温升', unit: 'K' },
  confidence: { name: '置信度', unit: share },
  addedWatts: '新增功率',
  fallenWatts: '回落功率',
  hours: '已持续',
  curveMinutes: '曲线每点',
  night: { yes: '夜间', no: null },
  curveWatts: '功率曲线（W）',
  celsius: '温度',
  riseKelvin: '温升',
  limitMinutes: '判定时长',
  silentSeconds: '已中断',
  aheadSeconds: '时钟超前',
  unusableSeconds: '数据无法使用已持续',
  metrics: { name: '缺少', isMetrics: true },
  awayHours: '已缺失',
  devices: { name: '下属设备', unit: '台' },
  members: { name: '包含告警', unit: '起' },
  score: '异常程度',
  differenceAmps: '相零电流差',
  minutes: { name: '已持续', unit: '分钟' },
  vacantHours: '已空置',
  meteredKwh: '计量电量',
  flownKwh: '按功率累计电量',
  ratio: { name: '比值' },
  leastRatio: { name: '比值下限' },
  mostRatio: { name: '比值上限' },
  unusualMetric: '异常指标',
  stoodHours: '未变化',
  dueDate: '到期日',
  overdueDays: '已逾期',
  lapsed: {
    name: '按需维保条件已失效：',
    values: {
      'liability-insurance': '未登记保险公司',
      maintainer: '未登记维保单位',
      'liability-insurance and maintainer': '未登记保险公司和维保单位',
    },
  },
} as const satisfies Readonly<Record<string, EvidenceWord>>

export const evidenceWords: Readonly<Record<string, EvidenceWord>> = { ...metricWords, ...figures }

/** Before a unit alone (`limitCelsius`) or before another word (`usualMotorAmps`). */
export const prefixes: Readonly<Record<string, string>> = {
  limit: '限值',
  ceiling: '上限',
  warn: '预警值',
  usual: '通常',
  excess: '累计超出',
  highest: '最高',
  lowest: '最低',
}

/** By the end of a name; the longest one that fits counts. */
export const units: Readonly<Record<string, string>> = {
  ...{
    Celsius: '°C',
    Kelvin: 'K',
    Volts: 'V',
    Amps: 'A',
    Milliamps: 'mA',
    Watts: 'W',
    Kilowatts: 'kW',
    Kwh: 'kWh',
    Hertz: 'Hz',
    Ohms: 'Ω',
  },
  ...{ Mm: 'mm', Mps: 'm/s', Mps2: 'm/s²', MmPerS: 'mm/s', Percent: '%', Share: share },
  ...{ Ms: '毫秒', Seconds: '秒', Minutes: '分钟', Hours: '小时', Days: '天' },
}
