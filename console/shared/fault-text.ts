import { language } from './language.ts'
import { ofRefusals } from './refusal-words.ts'
import { type Told, thingName } from './told.ts'

/** What the service says about a cell or a field, in English, and how it is said in Chinese; `$1` is what the sentence is about. */
const chinese: readonly Told[] = [
  [/^is missing$/, '必须填写'],
  [/^is not known here$/, '此处不能有此项'],
  [/^must be a number$/, '必须是数字'],
  [/^must be a whole number$/, '必须是整数'],
  [/^must be (?:text|a string)$/, '必须是文字'],
  [/^must be (?:true or false|a boolean)$/, '必须是 true 或 false'],
  [/^must not be empty$/, '不能为空'],
  [/^must be an e-mail address$/, '必须是电子邮箱地址'],
  [/^must be a phone number: .*$/, '必须是电话号码：2 至 32 位数字、空格和 + - * # ( )'],
  [/^must be a number of degrees, such as (.+)$/, '必须是度数，例如 $1'],
  [/^must be 1 to 200 letters, digits and (.+) without a space$/, '必须是 1 至 200 个字母、数字和 $1，不含空格'],
  [/^must be 1 to 64 of the characters (.+)$/, '必须是 1 至 64 个字符，只用 $1'],
  [/^cannot be the name of a site$/, '不能用作地点编号'],
  [/^must be a time such as (.+)$/, '必须是时间，例如 $1'],
  [/^must be a day such as (.+)$/, '必须是日期，例如 $1'],
  [/^must be one of (.+)$/, '必须是其中之一：$1'],
  [/^must be a multiple of (\S+)$/, '必须是 $1 的倍数'],
  [/^must be at most (\S+)$/, '不能大于 $1'],
  [/^must be at least (\S+)$/, '不能小于 $1'],
  [/^must be less than (\S+)$/, '必须小于 $1'],
  [/^must be more than (\S+)$/, '必须大于 $1'],
  [/^must have at most (\S+) characters$/, '最多 $1 个字符'],
  [/^must have at least (\S+) characters$/, '至少 $1 个字符'],
  [/^must have at most (\S+) entries$/, '最多 $1 项'],
  [/^must have at least (\S+) entries$/, '至少 $1 项'],
  [/^must be hexadecimal$/, '必须是十六进制'],
  [/^must be (\S+)$/, '必须是 $1'],
  [/^must be (\S+) to (\S+)$/, '必须在 $1 至 $2 之间'],
  [/^must be a whole number, (\S+) to (\S+)$/, '必须是 $1 至 $2 之间的整数'],
  [/^(\S+) \((\S+)\) must not be above (\S+) \((\S+)\)$/, '$1（$2）不能大于 $3（$4）'],
  [/^line (\d+) has it already$/, '与第 $1 行重复'],
  [/^line (\d+) has this contact already$/, '第 $1 行已有此联系人'],
  [/^a line is about a site or about a device: .*$/, '每行只填 siteId 和 deviceId 其中之一'],
  [/^a new (?:device|site) needs a (\S+)$/, '新建时必须填写 $1'],
  [/^there is no kind "(.+)"; there are (.+)$/, '没有类型“$1”，已有：$2'],
  [
    /^there is no (member of this team|score sheet|work order|[a-z\d]+) "?(\S+?)"?$/,
    (_, thing = '', id = '') => `没有${thingName(thing)} ${id}`,
  ],
  [/^there is no (?!such )(.+)$/, '没有 $1'],
  [/^an? \S+ has (\d+) contacts at most$/, '最多 $1 个联系人'],
  [/^(\S+) is of kind (\S+), and stays so$/, '$1 的类型为 $2，不能更改'],
  [/^the gateway (\S+) is revoked$/, '网关 $1 已吊销'],
  [/^must be a UUID$/, '必须是 UUID 编号'],
  [/^must not hold a NUL character$/, '不能含有空字符'],
  [/^must be ISO 8601, such as (\S+) .*$/, '必须是时间，例如 $1'],
  [/^(?:Invalid string|Invalid input).*$/, '格式不对'],
  [/^must be a time of the day, such as (.+)$/, '必须是一天中的时刻，例如 $1'],
  [/^must be a (?:month|quarter) such as (.+)$/, '必须是月份或季度，例如 $1'],
  [/^must be like (.+)$/, '必须形如 $1'],
  [/^must be (\d+) to (\d+) visible ASCII characters$/, '必须是 $1 至 $2 个 ASCII 字符'],
  [/^must be a SHA-256 in hex$/, '必须是 SHA-256 校验值'],
  [/^must be whole fen, without a point$/, '必须是整数分，不含小数点'],
  [/^is not the name of a metric$/, '没有此指标'],
  [/^is not one that this (?:list|stream) (?:answered|sent)$/, '列表位置已失效，请从头查看'],
  [/^names more than (\d+) metrics$/, '最多 $1 个指标'],
  [/^must be a list$/, '必须是列表'],
  [/^must be a list with something in it$/, '必须是至少有一项的列表'],
  [/^must be an object$/, '必须是对象'],
  [/^(.+): not known here$/, '此处不能有：$1'],
  [/^(\S+) has no such setting; it has none$/, '$1 没有此参数，也没有其他参数'],
  [/^(\S+) has no such setting; it has (.+)$/, '$1 没有此参数，已有：$2'],
]

/** What is wrong in a response plan. */
const ofPlans: readonly Told[] = [
  [/^must be of emergencies \(urgent, critical\) .*$/, '只能是应急（特急、紧急）或计划性（预警、提示）之一，不可混用'],
  [/^must name one who can act: .*$/, '必须包含能处置的一方：值班室、班组或维保单位'],
  [
    /^whoever is shut in is critical: without "critical" no order about "(.+)" would follow this plan$/,
    '困人一律为“特急”：未选“特急”时，不会有“$1”工单采用本预案',
  ],
  [/^nobody is asked first where it is critical: .*$/, '“特急”工单不先询问：班组立即出动'],
  [/^must be before the crew must have accepted, at (\d+) minutes$/, '必须早于班组接单时限（$1 分钟）'],
  [/^must not be before the step before it$/, '不能早于前一步骤'],
  [/^there is another step "(.+)"$/, '已有编号为“$1”的步骤'],
  [/^there is another step for \S+ at (\d+) minutes$/, '$1 分钟已有相同事项的步骤'],
  [/^must name somebody: .*$/, '必须通知至少一方'],
  [/^is for the goal accepted: .*$/, '只有“已接单”的步骤可以改派：已接单的班组由人工决定是否更换'],
  [/^nothing can be \S+ \((\d+)\) before it is .*$/, '事项顺序不对：$1 分钟的事项不能早于其前一事项'],
  [/^needs a step for arrived at (\d+) minutes or before: .*$/, '必须有不晚于 $1 分钟的“已到场”步骤'],
]

/** What is wrong in a mapping. */
const ofMappings: readonly Told[] = [
  [/^must be a path to one place, such as (.+) or (.+)$/, '必须是指向一处的路径，例如 $1 或 $2'],
  [/^must be levels between slashes: .*$/, '必须是以斜杠分隔的各级：文字、+（任意一级）或 {device}（表示设备的一级）'],
  [/^must name \{device\} once$/, '{device} 只能出现一次'],
  [/^must not begin with \$ or liftwatt\/: .*$/, '不能以 $ 或 liftwatt/ 开头：为本系统保留'],
  [/^is for no device; write \+$/, '忽略的主题不分设备，请写 +'],
  [/^has a scale for numbers alone, .*$/, '只有数字可以换算，且不能与取值对照同用'],
  [/^must be an offset such as (.+)$/, '必须是时差，例如 $1'],
  [/^(?:must be the name of a metric|Invalid key in record)$/, '必须是指标名称：以字母开头，只用字母和数字'],
  [/^must name a metric$/, '至少要有一个指标'],
  [/^stands in the topic already$/, '主题中已指明，不能重复'],
  [/^is needed, or \{device\} in the topic$/, '必须填写，或在主题中写 {device}'],
  [/^must begin with \$: there is no "each"$/, '没有“each”（列表）时必须以 $ 开头'],
  [/^must begin with \$$/, '必须以 $ 开头'],
  [/^must be at most (\d+) names$/, '最多 $1 个名称'],
  [/^no kind has a metric of this name$/, '任何设备类型都没有此名称的指标'],
]

/** What a mapping cannot use of a message. */
const ofMapped: readonly Told[] = [
  [/^no metric of the mapping is in it$/, '其中没有映射所列的指标'],
  [/^a list is expected here, this is (.+)$/, '此处应为列表，实际为：$1'],
  [/^(\d+) readings in one message; at most (\d+)$/, '单条消息有 $1 条读数，最多 $2 条'],
  [/^the name of a device is expected, this is (.+)$/, '此处应为设备名称，实际为：$1'],
  [/^(.+) is no id, and the mapping has no device for it$/, '$1 不是设备编号，映射中也没有与之对应的设备'],
  [/^No device (\S+) is registered$/, '没有编号为 $1 的设备'],
  [/^Device (\S+) belongs to another gateway$/, '设备 $1 属于其他网关'],
  [/^Device (\S+) is of the unknown kind (.+)$/, '设备 $1 的类型 $2 不存在'],
  [/^the mapping has no word for (.+)$/, '映射的取值对照中没有 $1'],
  [/^a text is expected, this is (.+)$/, '此处应为文字，实际为：$1'],
  [/^true or false is expected, this is (.+)$/, '此处应为是或否，实际为：$1'],
  [/^a number is expected, this is (.+)$/, '此处应为数字，实际为：$1'],
  [/^(\S+) is not a finite number here$/, '$1 换算后不是有限的数字'],
  [/^a time is expected here, this is (.+)$/, '此处应为时间，实际为：$1'],
  [/^(.+) names no zone, and the mapping has no "utcOffset"$/, '$1 未写明时区，映射也未设置时区'],
  [/^(.+) is not an ISO 8601 time$/, '$1 不是 ISO 8601 时间'],
  [/^(\S+) is no time in milliseconds since 1970 .*$/, '$1 不是 1970 年起的毫秒数（可能是微秒）'],
  [/^(\S+) is too long ago .*$/, '$1 过于久远（可能把秒当作毫秒）'],
]

const everything = [...chinese, ...ofPlans, ...ofMappings, ...ofMapped, ...ofRefusals]
const things: Readonly<Record<string, string>> = { nothing: '空', 'an array': '列表', 'an object': '对象' }

/** Why something is not taken, in the reader's language; what is new here is told as the service says it. */
export function faultText(message: string): string {
  if (language.value !== 'zh-CN') return message
  const found = everything.find(([said]) => said.test(message))
  if (found === undefined) return faultOfEntry(message)
  const told = message.replace(
    /, this is (nothing|an array|an object)$/,
    (_, thing: string) => `, this is ${things[thing]}`,
  )
  const [said, how] = found
  return typeof how === 'string' ? told.replace(said, how) : told.replace(said, how)
}

/** Of one entry of a map, which is named first. */
function faultOfEntry(message: string): string {
  const [, name, fault] = /^(\S+): (must .+)$/.exec(message) ?? []
  if (fault === undefined) return message
  const told = faultText(fault)
  return told === fault ? message : `${name} 的值${told}`
}
