import { contractCatalogue, readingStoreContract } from './contract.ts'
import { memoryReadings } from './memory.ts'

readingStoreContract({ open: async () => memoryReadings({ catalogue: contractCatalogue }), reopens: false })
