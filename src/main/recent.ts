import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile, writeJsonFile } from './jsonFile.ts'

const MOST_RECENT = 12

const recentFile = z.array(
  z.strictObject({ folder: z.string(), name: z.string(), cover: z.string().nullable() }),
)
type RecentProject = z.infer<typeof recentFile>[number]

export type RecentProjects = {
  list(): Promise<(RecentProject & { missing: boolean })[]>
  remember(project: RecentProject): Promise<void>
  forget(folder: string): Promise<void>
}

/** The projects that were opened last, newest first. */
export async function openRecentProjects(userData: string): Promise<RecentProjects> {
  const path = join(userData, 'recent.json')
  let projects = await readJsonFile(path, recentFile, [])
  let writing = Promise.resolve()
  const change = (next: RecentProject[]) => {
    projects = next
    const write = () => writeJsonFile(path, next)
    writing = writing.then(write, write)
    return writing
  }
  const without = (folder: string) => projects.filter((project) => project.folder !== folder)
  return {
    list: () =>
      Promise.all(
        projects.map(async (project) => ({ ...project, missing: !(await isThere(project.folder)) })),
      ),
    remember: (project) => change([project, ...without(project.folder)].slice(0, MOST_RECENT)),
    forget: (folder) => change(without(folder)),
  }
}

function isThere(folder: string): Promise<boolean> {
  return access(join(folder, 'project.json')).then(
    () => true,
    () => false,
  )
}
