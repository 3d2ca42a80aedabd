/**
 * `node --expose-gc --require` this: SIGURG collects all garbage, so that what is left is what connections cost, SIGWINCH as
 * much as a server does by itself. In JavaScript, because one of the servers runs on a Node that does not read TypeScript.
 */
process.on('SIGURG', () => void globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }))
process.on('SIGWINCH', () => void globalThis.gc({ type: 'major', execution: 'sync' }))
