import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import { problems } from '../problem.ts'
import { loadRunbooks } from '../runbooks.ts'
import { Runbook, RunbookParams } from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'

/** The pages of `docs/runbooks/` themselves, read when the first is asked for: what crews see cannot differ from what is written. */
export const runbookRoutes: FastifyPluginAsyncZod<{ kinds: readonly DeviceKind[] }> = async (app, { kinds }) => {
  const groups = [...kinds.map(({ id }) => id), 'gateway']
  let runbooks: ReturnType<typeof loadRunbooks> | undefined

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
      runbooks ??= loadRunbooks(new URL('../../docs/runbooks/', import.meta.url), groups)
      const runbook = runbooks.get(`${kind}/${name}`)
      if (runbook === undefined) throw new ExpectedError('not-found', `There is no page on ${kind}/${name}`)
      return runbook
    },
  )
}
