export { isPassing } from '../storage/errors.ts'
