import { ApiProblem, NoAnswer } from '../../shared/api.ts'
import { words as sharedWords } from '../../shared/words.ts'
import type { ImportResult } from '../wire.ts'

/** A file as it is: the one request that is no JSON. @throws {ApiProblem} @throws {NoAnswer} */
export async function sendCsv(file: Blob, apply: boolean): Promise<ImportResult> {
  const response = await fetch(`/api/v1/import?apply=${apply}`, {
    ...{ method: 'POST', cache: 'no-store', credentials: 'same-origin', body: await file.arrayBuffer() },
    headers: { 'content-type': 'text/csv' },
  }).catch((cause: unknown) => {
    throw new NoAnswer(sharedWords().noAnswer, { cause })
  })
  const answer = (await response.json()) as ImportResult & { code: ApiProblem['code']; detail: string }
  if (response.ok) return answer
  throw new ApiProblem({ code: answer.code, status: response.status, detail: answer.detail })
}
