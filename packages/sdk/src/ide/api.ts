import { isRepo, isRepos, isToken, type Repo, type Token } from '@switchboard/protocol/client/ide'
import { request, type Server } from '../core/http.ts'

const BASE = '/api/v1'

export interface SignUp {
  /** 1 to 64 characters. */
  username: string
  /** 1 to 1,024 bytes. */
  password: string
  email: string
}

/** Makes an account, which is good for every service. Rejects with `CONFLICT` for a taken username or address. */
export const signUp = (server: Server, body: SignUp): Promise<void> =>
  request(server, `${BASE}/user/signup`, { method: 'POST', body })

export interface Credentials {
  username: string
  password: string
  /** The space in which connections with this token start; none unless told. */
  ide_id?: string
}

/** A token, and until when it is good. Rejects with `UNAUTHORIZED` for an unknown user or a wrong password. */
export const logIn = (server: Server, credentials: Credentials): Promise<Token> =>
  request(server, `${BASE}/user/auth`, {
    method: 'POST',
    body: { ide_id: '', ...credentials },
    check: isToken,
  })

/** Takes the token back, everywhere. */
export const logOut = (server: Server): Promise<void> =>
  request(server, `${BASE}/user/logout`, { method: 'POST' })

const repoPath = (id: string) => `${BASE}/repos/${encodeURIComponent(id)}`

/** Those that the caller owns or is a member of, oldest first. */
export const getRepos = async (server: Server): Promise<Repo[]> =>
  (await request(server, `${BASE}/repos`, { check: isRepos })).repos

/** `url`: an `http`, `https`, `ssh` or `git` URL, or `git@host:path`. */
export const createRepo = (server: Server, repo: { name: string; url?: string }): Promise<Repo> =>
  request(server, `${BASE}/repos`, { method: 'POST', body: repo, check: isRepo })

/** Its owner's. The id stays closed for ever, as a space too. */
export const deleteRepo = (server: Server, id: string): Promise<void> =>
  request(server, repoPath(id), { method: 'DELETE' })

/** Its owner's. */
export const addMember = (server: Server, repoId: string, username: string): Promise<Repo> =>
  request(server, `${repoPath(repoId)}/members`, { method: 'POST', body: { username }, check: isRepo })

/** Its owner's, or the member's own. */
export const removeMember = (server: Server, repoId: string, username: string): Promise<void> =>
  request(server, `${repoPath(repoId)}/members/${encodeURIComponent(username)}`, { method: 'DELETE' })
