import { siteTypeNames } from './site-words.ts'

/** What the service says, in English, and how it is said in Chinese; `$1` is what the sentence is about. */
export type Told = readonly [said: RegExp, told: string | ((...found: string[]) => string)]

const things: Readonly<Record<string, string>> = {
  account: '账号',
  channel: '通知渠道',
  device: '设备',
  elevator: '电梯',
  estate: '小区',
  evidence: '证据',
  finding: '告警类型',
  gateway: '网关',
  incident: '告警',
  kind: '类型',
  member: '成员',
  'member of this team': '本班组成员',
  order: '工单',
  'work order': '工单',
  'score sheet': '评分表',
  site: '地点',
  team: '班组',
}

/** "team": 班组; of what has no name here, nothing is said but its id. */
export function thingName(thing: string): string {
  const sites: Readonly<Record<string, string>> = siteTypeNames()
  return things[thing] ?? sites[thing] ?? ''
}
