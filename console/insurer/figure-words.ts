import { dictionary } from '../shared/language.ts'

export const figureWords = dictionary({
  en: {
    seconds: (count: number) => `${count} s`,
    minutes: (count: string) => `${count} min`,
    hours: (count: string) => `${count} h`,
    days: (count: string) => `${count} d`,
    percentagePoints: (count: string) => `${count} pp`,
    points: (count: string) => `${count} points`,
    yuan: (amount: string) => `¥${amount}`,
  },
  'zh-CN': {
    seconds: (count) => `${count} 秒`,
    minutes: (count) => `${count} 分钟`,
    hours: (count) => `${count} 小时`,
    days: (count) => `${count} 天`,
    percentagePoints: (count) => `${count} 个百分点`,
    points: (count) => `${count} 分`,
    yuan: (amount) => `¥${amount}`,
  },
})
