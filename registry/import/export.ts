import type { Clock } from '../../core/clock.ts'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import { groupedBy } from '../../core/grouped.ts'
import type { Sight } from '../../core/sight.ts'
import type { Contact } from '../../core/site.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import { type Operations, pagesOf } from '../../stores/operations/port.ts'
import { addressList, contactColumns } from './contacts.ts'
import { contractCells, contractColumns } from './contracts.ts'
import { deviceCells, deviceColumns } from './devices.ts'
import type { ImportKind } from './plan.ts'
import { siteColumns } from './sites.ts'

const rowsPerPage = 500

/**
 * Everything of one kind that is in a sight as CSV that `applyImport` takes back, page by page; what changes meanwhile may be in it or not. The BOM
 * tells spreadsheets that it is UTF-8.
 */
export async function* exportCsv(
  kind: ImportKind,
  {
    operations,
    kinds,
    clock,
    sight,
  }: { operations: Operations; kinds: readonly DeviceKind[]; clock: Clock; sight: Sight },
): AsyncGenerator<string> {
  const sites = () => pagesOf(rowsPerPage, (page) => operations.sites({ ...page, sight }))
  const devices = () => pagesOf(rowsPerPage, (page) => operations.devices({ ...page, sight }))
  yield byteOrderMark

  if (kind === 'sites') {
    yield csvLine(siteColumns)
    for await (const page of sites()) {
      yield page.map((site) => csvLine(siteColumns.map((column) => site[column]))).join('')
    }
  } else if (kind === 'devices') {
    const columns = deviceColumns(kinds)
    yield csvLine(columns)
    for await (const page of devices()) {
      const parties = await operations.partiesOf(
        page.map(({ id }) => id),
        clock(),
      )
      const nobody = { maintainerId: null, insurerId: null }
      const registered = page.map((device) => ({ ...device, ...(parties.get(device.id) ?? nobody) }))
      yield registered.map((device) => csvLine(deviceCells(device, columns))).join('')
    }
  } else if (kind === 'contracts') {
    yield csvLine(contractColumns)
    for await (const page of pagesOf(rowsPerPage, (page) => operations.contracts({ ...page, sight }))) {
      const covered = groupedBy(
        await operations.coverageOfContracts(
          page.map(({ id }) => id),
          sight,
        ),
        ({ contractId }) => contractId,
      )
      const lines = page.flatMap((contract) =>
        (covered.get(contract.id) ?? [null]).map((one) => csvLine(contractCells(contract, one))),
      )
      yield lines.join('')
    }
  } else {
    yield csvLine(contactColumns)
    for await (const page of sites()) {
      yield page.flatMap(({ id, contacts }) => contacts.map((contact) => contactLine(id, null, contact))).join('')
    }
    for await (const page of devices()) {
      yield page.flatMap(({ id, contacts }) => contacts.map((contact) => contactLine(null, id, contact))).join('')
    }
  }
}

function contactLine(siteId: string | null, deviceId: string | null, contact: Contact): string {
  const { role, name, phone, addresses } = contact
  return csvLine([siteId, deviceId, role, name, phone, addressList(addresses)])
}
