import { dayMs } from '../../core/clock.ts'
import type { Locale } from '../../core/words.ts'
import type { SampleHead } from '../../stores/operations/port.ts'
import { startOfMonth } from './periods.ts'

/** Asked for again after so long. Unverified default. */
const againMs = 7 * dayMs

/** For whoever has to enter a public value. */
export interface Reminder {
  /** The same is told once. */
  readonly subject: string
  readonly insurerId: string
  readonly content: {
    readonly title: Readonly<Record<Locale, string>>
    readonly lines: Readonly<Record<Locale, readonly string[]>>
    readonly severity: 'warning'
  }
}

/** That the sample of a month that has begun waits for its public value: on the first morning, and again every week. Pure. */
export function reminderOf({ id, insurerId, month, publicSource }: SampleHead, at: number): Reminder {
  const week = Math.floor((at - startOfMonth(month)) / againMs)
  return {
    subject: `public-value:${id}:${week}`,
    insurerId,
    content: {
      severity: 'warning',
      title: {
        en: `Nobody is drawn for inspection in ${month}: the public value is missing`,
        'zh-CN': `${month} 尚未抽样：缺少公开值`,
      },
      lines: {
        en: [`Enter it in the review under Monthly samples: ${publicSource}`],
        'zh-CN': [`请在“质量评审—每月抽样”中录入：${publicSource}`],
      },
    },
  }
}
