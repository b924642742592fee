import { dictionary } from '../../shared/language.ts'

export const searchWords = dictionary({
  en: {
    label: 'Search',
    hint: 'Site, device id, order id, page · press /',
    results: 'What was found',
    none: 'Nothing of this name. Devices and orders are found by their whole id, sites by a part.',
    kinds: { page: 'page', site: 'site', device: 'device', gateway: 'gateway', order: 'order' },
  },
  'zh-CN': {
    label: '搜索',
    hint: '地点、设备编号、工单编号、页面 · 按 /',
    results: '搜索结果',
    none: '没有找到。设备与工单须输入完整编号，地点可输入一部分。',
    kinds: { page: '页面', site: '地点', device: '设备', gateway: '网关', order: '工单' },
  },
})
