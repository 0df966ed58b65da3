// What the sub-paths use of the core beside what everybody may: not reached from outside of the package.
export { alone } from './alone.ts'
export { isOver, newsOf, tellNews } from './follow.ts'
export { pause } from './pause.ts'
export { notSettled } from './pay.ts'
export { forget, type Insist, report, sentFor, sign } from './sign.ts'
export { usualStorage } from './storage.ts'
