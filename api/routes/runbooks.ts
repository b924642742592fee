import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import { problems } from '../problem.ts'
import { createRunbooks } from '../runbooks.ts'
import { Runbook, RunbookParams } from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'

export const runbookRoutes: FastifyPluginAsyncZod<{ kinds: readonly DeviceKind[] }> = async (app, { kinds }) => {
  const runbookOf = createRunbooks(kinds)

  app.get(
    '/runbooks/:kind/:name',
    {
      config: forRoles(null, everyone),
      schema: {
        tags: ['incidents'],
        summary: 'What a finding means, its likely causes, and what the duty room and the crew do about it',
        params: RunbookParams,
        response: { 200: Runbook, ...problems(404) },
      },
    },
    async ({ params: { kind, name } }) => {
      const runbook = runbookOf(`${kind}/${name}`)
      if (runbook === undefined) throw new ExpectedError('not-found', `There is no page on ${kind}/${name}`)
      return runbook
    },
  )
}
