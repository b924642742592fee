import { dictionary } from './language.ts'

/** What a site is. */
export const siteTypeNames = dictionary({
  en: {
    district: 'district',
    street: 'street',
    community: 'community',
    estate: 'estate',
    building: 'building',
    unit: 'unit',
  },
  'zh-CN': { district: '区', street: '街道', community: '社区', estate: '小区', building: '楼幢', unit: '单元' },
})
