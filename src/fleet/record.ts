export type { Change, Recorded } from '../audit/record.ts'
export { recorded } from '../audit/record.ts'
