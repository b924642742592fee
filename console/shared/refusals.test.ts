import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiProblem } from './api.ts'
import { language } from './language.ts'
import { problemText } from './problem-text.ts'

/* What the service may answer to a form of ours, as its source has it: a new refusal without Chinese fails this test. */

const root = join(import.meta.dirname, '../..')
/** Folders with all that is in them, or files. */
const answering =
  /^(analytics\/(acknowledge|backtests|rules|suppress)|api\/(act-in-sight|csv-body|json-body|picture-body|problem|(routes|schemas)\/.*)|core\/(mapping|no-picture|rule)|(quality|registry|stores\/operations|workorders)\/.*)\.ts$/
/** By command line or API alone: files of the past, contracts, tokens, settings of channels, who is forgotten, other systems' alerts. */
const notByForm =
  /past-|import-(orders|visits)|inspections\/(import|month)|contracts|api-tokens|eras|forget|alertmanager|channels|handover|readings|safe-fetch|maintenance\/maintenance|intake\/report|\.test\.ts$/
/** What the screen says of these is one sentence, whatever the service says. */
const codesOfOneSentence = ['not-found', 'unavailable', 'forbidden', 'internal', 'too-many-requests']
const files = ['analytics', 'api', 'core', 'quality', 'registry', 'stores', 'workorders']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`))
  .filter((file) => answering.test(file) && !notByForm.test(file))

/** What has no other name in Chinese either, or is an example of what to write. */
const named =
  /siteId|deviceId|CSV|UTF-8|UTC|UUID|SHA-256|ASCII|Q4|A-Z a-z|a-z|car-door|elevator\/entrapment|JPEG|PNG|WebP|\{device\}|liftwatt\/|each|\$\.data\[0\]\.power|@\['total power'\]/g

const usual = language.value
beforeEach(() => {
  language.value = 'zh-CN'
})
afterEach(() => {
  language.value = usual
})

test.each(files.flatMap((file) => refusalsIn(file).map((said) => [said, file] as const)))(
  '%j reads Chinese wholly (%s)',
  (said) => {
    const told = problemText(new ApiProblem({ code: 'already-done', status: 409, detail: said }))
    expect(told.replaceAll(named, '')).not.toMatch(/[A-Za-z]{2,}/)
  },
)

test('they are found in the source', () => {
  expect(files.flatMap(refusalsIn).length).toBeGreaterThan(150)
})

/** Sentences of an `ExpectedError`, a `message` or an `error`, and those given to what makes one; a 7 stands for each value. */
function refusalsIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const variables = new Map<string, ts.Expression>()
  const found: string[] = []
  const take = (node: ts.Expression | undefined) => found.push(...sentencesOf(node, variables))
  const note = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined) {
      variables.set(node.name.text, node.initializer)
    }
    node.forEachChild(note)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'ExpectedError') {
      const [code, sentence] = node.arguments ?? []
      if (code === undefined || !codesOfOneSentence.includes(code.getText().slice(1, -1))) take(sentence)
    }
    if (ts.isPropertyAssignment(node) && ['message', 'error'].includes(node.name.getText())) take(node.initializer)
    if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'message') take(node.name)
    if (ts.isCallExpression(node) && /^(?:fault|refuse|wrong)$|\.(?:refine|regex)$/.test(node.expression.getText())) {
      take(node.arguments.at(-1))
    }
    node.forEachChild(visit)
  }
  note(source)
  visit(source)
  return [...new Set(found)]
}

function sentencesOf(node: ts.Expression | undefined, variables: ReadonlyMap<string, ts.Expression>): string[] {
  if (node === undefined) return []
  if (ts.isStringLiteralLike(node)) return /[a-z] [a-z]/.test(node.text) ? [node.text] : []
  if (ts.isTemplateExpression(node)) {
    const isOfField = node.head.text === '' && node.templateSpans[0]?.literal.text.startsWith(': ')
    const values = node.templateSpans.map(
      ({ literal }, index) => (isOfField && index === 0 ? 'id' : '7') + literal.text,
    )
    return [node.head.text + values.join('')]
  }
  if (ts.isConditionalExpression(node)) {
    return [...sentencesOf(node.whenTrue, variables), ...sentencesOf(node.whenFalse, variables)]
  }
  if (ts.isBinaryExpression(node)) return [...sentencesOf(node.left, variables), ...sentencesOf(node.right, variables)]
  if (ts.isIdentifier(node)) {
    const known = variables.get(node.text)
    return known === undefined || ts.isIdentifier(known) ? [] : sentencesOf(known, variables)
  }
  return []
}
