import { expect, test } from 'vitest'
import type { DutyLine } from '../../core/duty-log.ts'
import { dutyLogCsv } from './duty-log.ts'

async function saidOf(data: DutyLine['data']): Promise<string> {
  const line: DutyLine = {
    ...{ at: Date.UTC(2026, 10, 24, 8), type: 'noted', who: '张伟', siteId: 'dongyuan', deviceId: 'elv-7' },
    ...{ orderId: null, finding: 'entrapment', text: 'Entrapment', data },
  }
  const pages = async function* () {
    yield [line]
  }
  let file = ''
  for await (const part of dutyLogCsv(pages())) file += part
  return file.trimEnd().split('\r\n')[1]?.split(',').slice(9).join(',') ?? ''
}

test('a log that leaves the house says how and when a crew pressed, and never where its phone was', async () => {
  const said = await saidOf({
    ...{ action: 'by-phone', of: 'arrive', by: 'code', offline: true },
    ...{ doneAt: '2026-11-24T07:50:00.000Z', receivedAt: '2026-11-24T08:00:00.000Z' },
    position: { latitude: 30.27, longitude: 120.15, metres: 12 },
    note: '扫描轿厢二维码（已核对） by the code in the car, checked; 30.27000,120.15000 ±12 m; 离线 offline',
  })

  expect(said).toBe('by-phone · arrive · code · 2026-11-24T07:50:00.000Z · offline')
})

test('what somebody wrote, and nothing that nobody is asked to read, is said of another event', async () => {
  const position = { latitude: 30.27, longitude: 120.15, metres: 12 }

  expect(await saidOf({ action: 'note', note: '门机卡阻', position })).toBe('门机卡阻')
  expect(await saidOf({ action: 'acknowledge', verified: false, position })).toBe('acknowledge · not real')
})
