import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { ruleScopeTypes } from '../../core/rule.ts'
import { severities } from '../../core/severity.ts'
import { Instant } from './shared.ts'

/** Where settings of a rule hold. */
export const RuleScope = z.strictObject({
  type: z
    .enum(ruleScopeTypes)
    .describe('The narrower one wins: device over site, the nearer site over the farther, site over kind'),
  id: Identifier,
})

export const RuleSettings = z.record(z.string().max(100), z.unknown())

export const RuleChange = z
  .object({
    version: z.int().describe('Rises with every change of any rule; an incident names the one that found it'),
    finding: z.string(),
    scope: RuleScope,
    enabled: z.boolean().nullable().describe('Null = as in the wider scope'),
    settings: RuleSettings.describe('Those that differ from the wider scope'),
    at: Instant,
    actor: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'RuleChange' })

export const Rule = z
  .object({
    finding: z.string(),
    kind: z.string(),
    finds: z.string(),
    severities: z.array(z.enum(severities)).readonly(),
    source: z.string().describe('Where its formulas and limits come from'),
    traps: z.array(z.string()).readonly().describe('What looks like it and is none'),
    reads: z.array(z.string()).readonly().describe('Metrics without which it sees nothing'),
    mayRead: z.array(z.string()).readonly().describe('Metrics that it uses when they are there'),
    needs: z.array(z.string()).readonly().describe('Facts of the device without which it is off'),
    clears: z.boolean().describe('Whether data end it; else people do'),
    forecasts: z.boolean().describe('Whether it says how long something that wears will last'),
    defaults: RuleSettings.describe('Settings as they ship'),
    ranges: z
      .record(z.string(), z.object({ least: z.number(), most: z.number(), whole: z.boolean() }))
      .describe('What each number among them may be, both ends included'),
    changes: z.array(RuleChange).readonly().describe('What people set, one of each scope'),
    outOfRange: z
      .array(z.object({ version: z.int(), setting: z.string(), message: z.string() }))
      .describe('What is set and would be refused now; it stays in force until somebody sets it again'),
    runbook: z.string().describe('The page that says what to do'),
  })
  .meta({ id: 'Rule' })
