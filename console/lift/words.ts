import { dictionary } from '../shared/language.ts'

export const words = dictionary({
  en: {
    title: 'Labels for lifts',
    what: 'One label for each lift, to hang in its car: whoever scans it reads whether the lift runs and reports what is wrong. The address of a label stays the same; printed again, it is the same label.',
    print: 'Print',
    noPublicUrl: (host: string) =>
      `These labels cannot be printed: PUBLIC_URL is not set, and their codes would lead to ${host}, which passengers may not reach. Set it, and start the service anew.`,
    search: 'Place, name or number',
    count: (count: number) => (count === 1 ? '1 label' : `${count} labels`),
    noLifts: 'There are no lifts yet',
    noLiftsHint: 'An installer adds them; each one gets its label here.',
    noneFits: 'No lift fits',
    noneFitsHint: 'Search for another place, name or number.',
    code: (id: string) => `QR code of ${id}`,
  },
  'zh-CN': {
    title: '电梯标签',
    what: '每台电梯一张，贴在轿厢内：乘客扫码即可查看运行状态、报告故障。标签地址固定不变，重新打印仍是同一张标签。',
    print: '打印',
    noPublicUrl: (host) => `暂不能打印：未设置 PUBLIC_URL，二维码将指向 ${host}，乘客可能无法打开。请设置后重启服务。`,
    search: '地点、名称或编号',
    count: (count) => `${count} 张`,
    noLifts: '还没有电梯',
    noLiftsHint: '安装人员添加电梯后，标签会显示在此处。',
    noneFits: '没有符合条件的电梯',
    noneFitsHint: '请换一个地点、名称或编号。',
    code: (id) => `${id} 的二维码`,
  },
})
