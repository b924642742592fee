import type { Evidence } from './detector.ts'

/** A number (its unit is that of its name, else `unit`) or a text that is shown as it is. */
interface Figure {
  readonly name: string
  readonly unit?: string
}
interface Flag {
  readonly name: string
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
type Word = string | Figure | Flag | Choice | MetricList

const door: Choice['values'] = { open: '打开', opening: '正在打开', closed: '关闭', closing: '正在关闭' }

/** What devices measure. */
const metrics = {
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
} as const satisfies Readonly<Record<string, Word>>

/** What rules say beside them. */
const figures = {
  standingSeconds: '已停留',
  outsideDoorZone: { name: '停靠位置', yes: '停在门区外', no: '停在门区内' },
  insulationClass: '绝缘等级',
  lostSeconds: '已失电',
  outageVolts: '停电判据',
  lastGasp: { name: '断电上报', yes: '断电前的最后上报', no: null },
  riseKelvin: '温升',
  limitMinutes: '判定时长',
  silentSeconds: '已中断',
  metrics: { name: '缺少', isMetrics: true },
  awayHours: '已缺失',
  devices: { name: '下属设备', unit: '台' },
  members: { name: '包含告警', unit: '起' },
  dueDate: '到期日',
  overdueDays: '已逾期',
} as const satisfies Readonly<Record<string, Word>>

const words: Readonly<Record<string, Word>> = { ...metrics, ...figures }

/** Before a unit alone (`limitCelsius`) or before another word (`usualMotorAmps`). */
const prefixes: Readonly<Record<string, string>> = {
  limit: '限值',
  ceiling: '上限',
  warn: '预警值',
  usual: '通常',
  excess: '累计超出',
}

/** A part of 1, shown in per cent. */
const share = 'share'

/** By the end of a name; the longest one that fits counts. */
const units: Readonly<Record<string, string>> = {
  ...{ Celsius: '°C', Kelvin: 'K', Volts: 'V', Amps: 'A', Milliamps: 'mA', Watts: 'W', Kwh: 'kWh', Hertz: 'Hz' },
  ...{ Mm: 'mm', Mps: 'm/s', Mps2: 'm/s²', MmPerS: 'mm/s', Percent: '%', Share: share },
  ...{ Ms: '毫秒', Seconds: '秒', Minutes: '分钟', Hours: '小时', Days: '天' },
}
const unitNames = Object.keys(units).toSorted((one, other) => other.length - one.length)

/**
 * The figures behind a finding as people in Hangzhou read them: "电机温度 131 °C，限值 130 °C". Rules speak English; a new one
 * needs no sentence here, only a word for each key of its evidence that has none yet.
 *
 * Undefined when there is nothing to say, or when a key or a choice has no word: then the rule's own sentence is shown, for half
 * of the figures is worse than all of them in English.
 */
export function chineseDetail(evidence: Evidence): string | undefined {
  const keys = Object.keys(evidence).filter((key) => evidence[key] !== null)
  const said: string[] = []
  for (const key of keys.toSorted((one, other) => placeOf(one, keys) - placeOf(other, keys))) {
    const text = sayFigure(key, evidence[key] ?? '')
    if (text === undefined) return undefined
    if (text !== '') said.push(text)
  }
  return said.length === 0 ? undefined : said.join('，')
}

const order = Object.keys(words)
const prefixOrder = Object.keys(prefixes)

/**
 * The database keeps the keys in an order of its own, so they get one here: what was measured, in the order of the words above,
 * and each limit behind what it is the limit of; then what has no unit.
 */
function placeOf(key: string, keys: readonly string[]): number {
  const place = (name: string) => order.indexOf(name) + (unitOf(name) === '' ? order.length : 0)
  if (Object.hasOwn(words, key)) return place(key)
  const { prefix, rest } = partsOf(key)
  const limited = keys.filter(
    (other) => Object.hasOwn(words, other) && (other === rest || unitOf(other) === unitOf(key)),
  )
  const behind = limited.length === 0 ? order.length : Math.min(...limited.map(place))
  return behind + (prefixOrder.indexOf(prefix) + 1) / (prefixOrder.length + 2)
}

/** Empty = it is worth no word. */
function sayFigure(key: string, value: number | string | boolean): string | undefined {
  const word = wordOf(key)
  if (word === undefined) return undefined
  if ('yes' in word) return typeof value === 'boolean' ? (value ? word.yes : (word.no ?? '')) : undefined
  if (typeof value === 'boolean') return undefined
  if ('values' in word) return Object.hasOwn(word.values, value) ? `${word.name}${word.values[value]}` : undefined
  if ('isMetrics' in word) return sayMetrics(word.name, String(value))
  return `${word.name} ${typeof value === 'number' ? measured(value, unitOf(key)) : value}`
}

function sayMetrics(name: string, list: string): string | undefined {
  const names = list.split(', ').map((metric) => (Object.hasOwn(metrics, metric) ? wordOf(metric)?.name : undefined))
  return names.includes(undefined) ? undefined : `${name}：${names.join('、')}`
}

function wordOf(key: string): Exclude<Word, string> | undefined {
  const word = Object.hasOwn(words, key) ? words[key] : prefixed(key)
  return typeof word === 'string' ? { name: word } : word
}

function prefixed(key: string): Figure | undefined {
  const { prefix, rest } = partsOf(key)
  if (!Object.hasOwn(prefixes, prefix)) return undefined
  const name = prefixes[prefix] ?? ''
  if (Object.hasOwn(units, capitalised(rest))) return { name }
  const word = Object.hasOwn(words, rest) ? words[rest] : undefined
  if (word === undefined) return undefined
  if (typeof word === 'string') return { name: `${name}${word}` }
  return 'unit' in word ? { ...word, name: `${name}${word.name}` } : undefined
}

/** "usualMotorAmps" is `usual` and `motorAmps`. */
function partsOf(key: string): { prefix: string; rest: string } {
  const prefix = /^[a-z]*/.exec(key)?.[0] ?? ''
  const rest = key.slice(prefix.length)
  return { prefix, rest: `${rest.charAt(0).toLowerCase()}${rest.slice(1)}` }
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** Empty = it has none. */
function unitOf(key: string): string {
  const word = wordOf(key)
  if (word !== undefined && 'unit' in word) return word.unit ?? ''
  const name = unitNames.find((candidate) => capitalised(key).endsWith(candidate))
  return name === undefined ? '' : (units[name] ?? '')
}

function measured(value: number, unit: string): string {
  if (unit === share) return `${rounded(value * 100)} %`
  if (unit !== '秒' || Math.abs(value) < 120) return `${rounded(value)} ${unit}`.trimEnd()
  if (Math.abs(value) < 7_200) return `${rounded(value / 60)} 分钟`
  return Math.abs(value) < 172_800 ? `${rounded(value / 3_600)} 小时` : `${rounded(value / 86_400)} 天`
}

/** As many places as a person can use: 0.043, 4.37, 43.7, 437. */
function rounded(value: number): string {
  const size = Math.abs(value)
  if (size < 1) return String(Number(value.toPrecision(2)))
  return String(Number(value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)))
}
