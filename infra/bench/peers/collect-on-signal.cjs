/**
 * `node --expose-gc --require` this: SIGURG collects all garbage, so that what is left is what connections cost. In
 * JavaScript, because one of the servers runs on a Node that does not read TypeScript.
 */
process.on('SIGURG', () => void globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }))
