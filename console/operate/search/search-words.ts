import { dictionary } from '../../shared/language.ts'

export const searchWords = dictionary({
  en: {
    label: 'Search',
    hint: 'Site, device, order id, page · press /',
    results: 'What was found',
    none: 'Nothing of this name. Sites and devices are found by a part of it, gateways and orders by their whole id.',
    kinds: { page: 'page', site: 'site', device: 'device', gateway: 'gateway', order: 'order' },
  },
  'zh-CN': {
    label: '搜索',
    hint: '地点、设备、工单编号、页面 · 按 /',
    results: '搜索结果',
    none: '没有找到。地点与设备可输入一部分，网关与工单须输入完整编号。',
    kinds: { page: '页面', site: '地点', device: '设备', gateway: '网关', order: '工单' },
  },
})
