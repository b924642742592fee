/** What the first page says. English is the measure: another language has the same sentences. */
const en = {
  title: 'Liftwatt',
  what: 'Watches elevators and the electricity of rental rooms, and raises a work order when somebody must be on site within 30 minutes.',
  healthTitle: 'Is it well?',
  well: 'Yes, everything works.',
  notWell: 'No. This does not work:',
  countsTitle: 'What there is',
  gateways: 'Gateways',
  devices: 'Devices',
  openOrders: 'Open orders',
  unknown: 'unknown',
  nextTitle: 'Next step',
  addGateway:
    'Add your first gateway. The answer holds its password, once; it then connects by MQTT with its id as client id and user name.',
  addDevice:
    'A gateway is there. Register your first device (or let a gateway add its own: autoRegister), then publish.',
  allSet: 'Gateways and devices are there. See the open orders:',
  orAsHttp: 'or, the same over HTTP:',
  token: 'TOKEN is LIFTWATT_OPERATOR_TOKEN, or what the file operator-token in the data directory holds.',
  console: 'Sign in: duty room, crews, devices, installers, operators',
  docs: 'API documentation',
  openapi: 'OpenAPI description',
  metrics: 'Metrics',
  otherLanguage: '中文',
}

export type Messages = Readonly<Record<keyof typeof en, string>>

const chinese: Messages = {
  title: 'Liftwatt',
  what: '监测电梯与出租房用电；需要有人在 30 分钟内到场时，生成工单。',
  healthTitle: '运行状态',
  well: '正常，一切运行良好。',
  notWell: '异常，以下部分不工作：',
  countsTitle: '概况',
  gateways: '网关',
  devices: '设备',
  openOrders: '未结工单',
  unknown: '未知',
  nextTitle: '下一步',
  addGateway: '添加第一个网关。返回的密码只显示一次；网关用自己的编号作为 MQTT 客户端编号和用户名连接。',
  addDevice: '网关已添加。请登记第一台设备（或用 autoRegister 让网关自动登记），然后上报数据。',
  allSet: '网关和设备均已就绪。查看未结工单：',
  orAsHttp: '或通过 HTTP：',
  token: 'TOKEN 是 LIFTWATT_OPERATOR_TOKEN，或数据目录中 operator-token 文件的内容。',
  console: '登录：值班室、班组、设备、网关接入、运行管理',
  docs: 'API 文档',
  openapi: 'OpenAPI 描述',
  metrics: '指标',
  otherLanguage: 'English',
}

export const languages = { en, 'zh-CN': chinese } as const
export type Language = keyof typeof languages

/** From `?lang=`, else the best of Accept-Language (RFC 9110, 12.5.4), else English. */
export function languageOf(query: string | undefined, acceptLanguage = ''): Language {
  const asked = query === undefined ? undefined : languageNamed(query)
  if (asked !== undefined) return asked
  const accepted = acceptLanguage.split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().split(';')
    const quality = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean)
    return { tag, quality: quality === undefined ? 1 : Number(quality) }
  })
  const best = accepted.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)
  return best.map(({ tag }) => languageNamed(tag)).find((language) => language !== undefined) ?? 'en'
}

function languageNamed(tag: string): Language | undefined {
  if (/^zh(-|$)/i.test(tag)) return 'zh-CN'
  return /^en(-|$)/i.test(tag) ? 'en' : undefined
}
