import { accountsBehaviour } from './support/accounts-behaviour.ts'
import { accountsDatabase } from './support/database.ts'

accountsBehaviour(() => accountsDatabase())
