/** The import rules of ARCHITECTURE.md, checked by `pnpm check`. */

const service = '^services/([^/]+)/src/'

/** Only `allowed` (a pattern of paths) may be imported from `from`, beside what lies under `from` itself. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: `${from}|${allowed}` },
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '/generated/' },
    },
    {
      name: 'no-undeclared',
      comment: 'A package imports what its own package.json names.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment: 'The public packages bundle what they import, and depend on nothing.',
      severity: 'error',
      from: {
        path: '^(packages|services|infra)/[^/]+/src/',
        pathNot: '^packages/(testing|sdk|relay-cli)/',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-relative-path-leaves-a-package',
      severity: 'error',
      from: { path: '^((?:packages|services|infra)/[^/]+)/' },
      to: {
        dependencyTypes: ['local'],
        pathNot: '^$1/',
        path: '^(packages|services|infra)/',
        dependencyTypesNot: ['aliased'],
      },
    },
    only(
      'protocol-is-pure',
      'protocol imports typebox and itself.',
      '^packages/protocol/src/',
      'node_modules/typebox/',
    ),
    only(
      'sdk-takes-no-schemas',
      'What the SDK imports of protocol goes into browsers: none of it needs typebox.',
      '^packages/sdk/src/',
      '^packages/protocol/src/(client/|(close-codes|errors)\\.ts$)|node_modules/socket\\.io-client/',
    ),
    {
      name: 'packages-stand-alone',
      comment: 'hub, auth and kit import protocol and libraries, never each other; services combine them.',
      severity: 'error',
      from: { path: '^packages/(hub|auth|kit)/src/' },
      to: { path: '^packages/', pathNot: '^packages/(protocol|$1)/' },
    },
    {
      name: 'no-service-imports-a-service',
      severity: 'error',
      from: { path: service },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'domain imports protocol and itself; clock and ids come in as arguments.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/domain/' },
      to: {
        pathNot: ['^services/$1/src/domain/', '^packages/protocol/src/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'store-knows-no-route-and-no-domain',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/store/' },
      to: { path: '^services/$1/src/(routes|domain|app|main)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'routes-know-no-store',
      comment: 'Only app sees both; a route gets what it needs as an argument.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/routes/' },
      to: { path: '^services/$1/src/(store/|app\\.ts|main\\.ts)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'testing-from-tests-only',
      comment: 'The bench measures our services on disposable servers, as tests do.',
      severity: 'error',
      from: { pathNot: '(^packages/testing/|^infra/bench/|/test/|\\.config\\.ts$)' },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'nothing-imports-infra',
      severity: 'error',
      from: { pathNot: '^infra/' },
      to: { path: '^infra/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/generated/'] },
    exclude: { path: ['/dist/'] },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
