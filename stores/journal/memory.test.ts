import { describe } from 'vitest'
import { describeJournal } from './contract.ts'
import { memoryJournal } from './memory.ts'

describe('the journal in memory', () => {
  describeJournal(async () => memoryJournal())
})
