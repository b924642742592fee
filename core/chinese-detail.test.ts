import { join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { kinds } from '../devices/index.ts'
import { chineseDetail } from './chinese-detail.ts'

test.each([
  [
    'what was measured comes first, whatever the order of the keys, and each limit behind it',
    { warnCelsius: 112, limitCelsius: 130, motorCelsius: 131.26, insulationClass: 'B' },
    '电机温度 131 °C，限值 130 °C，预警值 112 °C，绝缘等级 B',
  ],
  [
    'choices and flags are words',
    { floor: 5, doorState: 'closed', alarmButton: true, limitSeconds: 30, outsideDoorZone: true, standingSeconds: 31 },
    '已停留 31 秒，限值 30 秒，楼层 5，轿门关闭，报警按钮已按下，停在门区外',
  ],
  [
    'a ceiling that is the limit is not said again',
    { residualMilliamps: 19.4, limitMilliamps: 15, ceilingMilliamps: 15 },
    '剩余电流 19.4 mA，限值 15 mA',
  ],
  [
    'and one that is another figure is',
    { residualMilliamps: 19.4, limitMilliamps: 15, ceilingMilliamps: 30 },
    '剩余电流 19.4 mA，限值 15 mA，上限 30 mA',
  ],
  ['what is not known is left out', { residualMilliamps: 26.04, usualMilliamps: null }, '剩余电流 26 mA'],
  [
    'long times are told as people count them',
    { silentSeconds: 8_000, limitSeconds: 300 },
    '已中断 2.22 小时，限值 5 分钟',
  ],
  ['a day and more is days', { silentSeconds: 3 * 86_400 }, '已中断 3 天'],
  ['a flag that says nothing when it is off', { volts: 3, lastGasp: false }, '电压 3 V'],
  [
    'small figures keep what counts',
    { doorCloseSeconds: 4.237, usualSeconds: 0.0431 },
    '关门用时 4.24 秒，通常 0.043 秒',
  ],
  ['a prefix before another word', { usualDoorReopens: 2, limitMotorAmps: 9 }, '限值电机电流 9 A，通常重复开门 2 次'],
  ['and behind that word it stands alone', { usualDoorReopens: 2, doorReopens: 7 }, '重复开门 7 次，通常 2 次'],
  [
    'a limit stands behind its own figure, though another one of its unit comes first',
    { motorAmps: 8, amps: 3, limitAmps: 2 },
    '电机电流 8 A，电流 3 A，限值 2 A',
  ],
  [
    'a forecast',
    { leftDays: 12, leftLowDays: 8.5, leftHighDays: 20, ropeSlipMm: 3.123, limitRopeSlipMm: 5 },
    '钢丝绳滑移 3.12 mm，限值 5 mm，预计到限值还有 12 天，最早 8.5 天，最晚 20 天',
  ],
  ['another finding by its title', { faultCode: '09', means: 'elevator/entrapment' }, '故障码 09，对应电梯困人'],
  ['a part of 1 is told in per cent', { confidence: 0.85, means: 'warning' }, '置信度 85 %'],
  [
    'maintenance that is due as by the calendar, and why',
    { dueDate: '2026-12-10', overdueDays: 0, lapsed: 'liability-insurance and maintainer' },
    '已逾期 0 天，到期日 2026-12-10，按需维保条件已失效：未登记保险公司和维保单位',
  ],
  ['missing sensors by their names', { metrics: 'motorCelsius, alarmButton' }, '缺少：电机温度、报警按钮'],
])('%s', (_, evidence, expected) => {
  expect(chineseDetail(evidence)).toBe(expected)
})

test.each([
  ['without figures', {}],
  ['with a figure that has no word', { motorCelsius: 131, phlogiston: 2 }],
  ['with a choice that has no word', { doorState: 'ajar' }],
  ['with a missing sensor that has no word', { metrics: 'motorCelsius, phlogiston' }],
  ['with a name of every object', { toString: 1 }],
])('%s there is no Chinese sentence, and the rule speaks for itself', (_, evidence) => {
  expect(chineseDetail(evidence)).toBeUndefined()
})

test('every metric of every kind has a word', () => {
  const names = kinds.flatMap(({ telemetry }) => Object.keys(telemetry.shape))
  expect(names.filter((metric) => chineseDetail({ metrics: metric }) === undefined)).toEqual([])
})

/** Where incidents of our own are written beside the kinds' detectors. */
const otherSources = ['analytics/gateways.ts', 'analytics/explain.ts', 'workorders/maintenance/open-due.ts']

test('every key and every choice that a rule puts into its evidence has a word', () => {
  const root = join(import.meta.dirname, '..')
  const ofKinds = ts.sys.readDirectory(join(root, 'devices'), ['.ts'], ['**/*.test.ts'])
  const files = [...ofKinds, ...otherSources.map((file) => join(root, file))]
  const found = evidenceIn(files).map(({ file, ...said }) => ({ file: relative(root, file), ...said }))
  // beside a figure that has one, for a flag may say nothing when it is off
  const wordless = found.filter(({ key, value }) => chineseDetail({ amps: 1, [key]: value }) === undefined)

  const shown = wordless.map(
    ({ file, key, value }) => `${key}: ${typeof value === 'string' ? `'${value}'` : typeof value} in ${file}`,
  )
  expect([...new Set(shown)], 'add them to core/evidence-words.ts').toEqual([])
  // nothing is proven where nothing was found
  const keys = found.map(({ key }) => key)
  expect(keys).toEqual(
    expect.arrayContaining(['motorCelsius', 'limitKelvin', 'silentSeconds', 'members', 'dueDate', 'limitRopeSlipMm']),
  )
  expect(found).toContainEqual({ file: 'devices/elevator/detectors/entrapment.ts', key: 'doorState', value: 'opening' })
})

interface Said {
  readonly file: string
  readonly key: string
  /** One of those that its type allows. */
  readonly value: number | string | boolean
}

/**
 * All that stands behind an `evidence:` in these files, by its types: no branch of a rule and no helper is missed. Rules that share
 * a helper give it their `metric`, and it writes that, what is usual and the limit, and names the rest in `evidence.name = …`.
 */
function evidenceIn(files: readonly string[]): Said[] {
  const program = ts.createProgram(files, {
    ...{ target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'], types: [], noEmit: true, skipLibCheck: true },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ...{ allowImportingTsExtensions: true, strict: true, exactOptionalPropertyTypes: true },
  })
  const checker = program.getTypeChecker()
  return files.flatMap((file) => {
    const source = program.getSourceFile(file)
    return source === undefined
      ? []
      : nodesOf(source)
          .flatMap((node) => saidAt(checker, node))
          .map(([key, value]) => ({ file, key, value }))
  })
}

function nodesOf(node: ts.Node): ts.Node[] {
  const below: ts.Node[] = []
  node.forEachChild((child) => void below.push(...nodesOf(child)))
  return [node, ...below]
}

type Pair = readonly [key: string, value: Said['value']]

function saidAt(checker: ts.TypeChecker, node: ts.Node): Pair[] {
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'evidence') return [[node.name.text, 1]]
  if (!ts.isPropertyAssignment(node) && !ts.isShorthandPropertyAssignment(node)) return []
  const types = membersOf(checker.getTypeAtLocation(ts.isPropertyAssignment(node) ? node.initializer : node.name))
  if (node.name.getText() === 'metric')
    return types.flatMap((type) => (type.isStringLiteral() ? ofMetric(type.value) : []))
  if (node.name.getText() !== 'evidence') return []
  return types.flatMap((type) =>
    checker
      .getPropertiesOfType(type)
      .flatMap((property) =>
        membersOf(checker.getTypeOfSymbolAtLocation(property, node)).flatMap((value) => valuesOf(property.name, value)),
      ),
  )
}

function ofMetric(metric: string): Pair[] {
  const name = `${metric.charAt(0).toUpperCase()}${metric.slice(1)}`
  return [metric, `usual${name}`, `limit${name}`].map((key) => [key, 1])
}

function membersOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type]
}

function valuesOf(key: string, type: ts.Type): Pair[] {
  if (type.isStringLiteral()) return [[key, type.value]]
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0)
    return [
      [key, true],
      [key, false],
    ]
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return [[key, 1]]
  if ((type.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) !== 0) return []
  return [[key, key === 'metrics' ? 'amps' : 'as it is']]
}
