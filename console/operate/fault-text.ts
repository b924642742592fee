import { language } from '../shared/language.ts'

/** What the service says about a cell, in English, and how it is said in Chinese; `$1` is what the sentence is about. */
const chinese: readonly (readonly [said: RegExp, told: string])[] = [
  [/^must be a number$/, '必须是数字'],
  [/^must be a whole number$/, '必须是整数'],
  [/^must be text$/, '必须是文字'],
  [/^must be true or false$/, '必须是 true 或 false'],
  [/^must not be empty$/, '不能为空'],
  [/^must be an e-mail address$/, '必须是电子邮箱地址'],
  [/^must be a phone number: .*$/, '必须是电话号码：2 至 32 位数字、空格和 + - * # ( )'],
  [/^must be a number of degrees, such as (.+)$/, '必须是度数，例如 $1'],
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
  [/^must be (\S+)$/, '必须是 $1'],
  [/^line (\d+) has it already$/, '与第 $1 行重复'],
  [/^line (\d+) has this contact already$/, '第 $1 行已有此联系人'],
  [/^a line is about a site or about a device: .*$/, '每行只填 siteId 和 deviceId 其中之一'],
  [/^a new (?:device|site) needs a (\S+)$/, '新建时必须填写 $1'],
  [/^there is no kind "(.+)"; there are (.+)$/, '没有类型“$1”，已有：$2'],
  [/^there is no (.+)$/, '不存在：$1'],
  [/^a (?:device|site) has (\d+) contacts at most$/, '最多 $1 个联系人'],
  [/^(\S+) is of kind (\S+), and stays so$/, '$1 的类型为 $2，不能更改'],
  [/^the gateway (\S+) is revoked$/, '网关 $1 已吊销'],
]

/** Why a cell of a file is not taken, in the reader's language; what is new here is told as the service says it. */
export function faultText(message: string): string {
  const found = language.value === 'zh-CN' ? chinese.find(([said]) => said.test(message)) : undefined
  return found === undefined ? message : message.replace(...found)
}
