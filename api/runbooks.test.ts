import { expect, test } from 'vitest'
import { findingTitles } from '../core/finding-titles.ts'
import { loadRunbooks, readRunbook } from './runbooks.ts'

const runbooks = loadRunbooks(new URL('../docs/runbooks/', import.meta.url), [
  'elevator',
  'electricity-meter',
  'gateway',
])

test('every finding that asks for something has a page, with its meaning and something to do', () => {
  const known = Object.keys(findingTitles('en')).filter((finding) => !finding.startsWith('maintenance/'))
  expect([...runbooks.keys()].sort()).toEqual(known.sort())
  const bare = [...runbooks.values()].filter(({ texts: { en } }) => {
    const isToldWhatToDo = en.sections.some((one) => /crew|duty-room|everyone/.test(one.for) && one.title !== '')
    return en.lead === '' || en.meaning.length === 0 || !isToldWhatToDo
  })
  expect(bare.map(({ finding }) => finding)).toEqual([])
})

test('every page is there in Chinese, too, with the sections and as many steps as the English one', () => {
  const shape = ({ sections }: ReturnType<typeof readRunbook>) => sections.map((one) => [one.for, one.steps.length])
  for (const { finding, texts } of runbooks.values()) {
    expect(texts['zh-CN'] && shape(texts['zh-CN']), finding).toEqual(shape(texts.en))
    expect(texts['zh-CN']?.lead, finding).toMatch(/\p{Script=Han}/u)
  }
})

test('of a trapped passenger: the duty room speaks first, the crew locks the switch first, and no rule setting is among it', () => {
  const { en } = runbooks.get('elevator/entrapment')?.texts ?? expect.fail('no page')
  const stepsFor = (reader: string) => en.sections.find((one) => one.for === reader)?.steps ?? []

  expect(en.lead).toBe('Critical. Someone is shut in a car that does not move.')
  expect(stepsFor('duty-room')[0]).toMatch(/^Speak to the people through the car's intercom/)
  expect(stepsFor('crew')[0]).toMatch(/^Two people, one of them licensed\. Switch off the main switch .* door\.$/)
  expect(JSON.stringify(en)).not.toMatch(/outsideZoneWithButtonSeconds|<!--/)
})

test('items, wrapped lines and marks of a page become plain lines', () => {
  const page = [
    '# a/b',
    '',
    '**Urgent**: go.',
    '',
    '## What it means',
    '',
    'A `level` that',
    'is wrong, see [here](x.md).',
    '',
    '## Crew',
    '',
    'First this.',
    '',
    '1. Do *not*',
    '   hurry.',
    '2. Look.',
    '',
    '<!-- made -->',
    '## The rule',
    '',
    '- Source: x',
    '<!-- until here -->',
  ].join('\n')

  expect(readRunbook(page)).toEqual({
    lead: 'Urgent: go.',
    meaning: ['A level that is wrong, see here.'],
    sections: [{ for: 'crew', title: 'Crew', text: ['First this.'], steps: ['Do *not* hurry.', 'Look.'] }],
  })
})

test('a Chinese line that was wrapped has no gap in it', () => {
  const { meaning } = readRunbook('# a/b\n\n紧急。\n\n## 含义\n\n轿厢停在\n门区外。\n')
  expect(meaning).toEqual(['轿厢停在门区外。'])
})
