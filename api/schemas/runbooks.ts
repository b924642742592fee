import { z } from 'zod'

const Lines = z.array(z.string()).readonly()

const RunbookText = z.object({
  lead: z.string().describe('One line: how bad it is and what it asks for'),
  meaning: Lines,
  sections: z
    .array(
      z.object({
        for: z.enum(['causes', 'duty-room', 'crew', 'false-alarm', 'everyone']),
        title: z.string().describe('As the page heads it'),
        text: Lines,
        steps: Lines.describe('One after the other'),
      }),
    )
    .readonly(),
})

export const Runbook = z
  .object({
    finding: z.string(),
    texts: z.object({ en: RunbookText, 'zh-CN': RunbookText.optional() }).describe('English is always there'),
  })
  .meta({ id: 'Runbook' })

export const RunbookParams = z.object({ kind: z.string().max(64), name: z.string().max(64) })
