import { FolderClosed, FolderPlus, X } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { attempt } from '../stores/notices.ts'
import { IconButton } from './Button.tsx'
import { useDrop } from './useDrop.ts'

export type Folders = { a: FileHandle | null; b: FileHandle | null }

type SlotProps = {
  side: 'A' | 'B'
  words: string
  folder: FileHandle | null
  onFolders: (folders: FileHandle[]) => void
  onClear: () => void
}

function FolderSlot({ side, words, folder, onFolders, onClear }: SlotProps) {
  const { isOver, drop } = useDrop(onFolders)
  const choose = () =>
    void attempt(async () => {
      const chosen = await ask('dialog:chooseFolder', { purpose: 'dataset' })
      if (chosen) onFolders([chosen])
    })
  return (
    <div className={`folder-slot${isOver ? ' is-over' : ''}${folder ? ' folder-slot-full' : ''}`} {...drop}>
      <AriaButton
        className="folder-slot-button"
        onPress={choose}
        aria-label={`Folder ${side}, ${words}${folder ? `: ${folder.name}` : ''}`}
      >
        <span className="folder-side">{side}</span>
        {folder ? <FolderClosed size={20} aria-hidden /> : <FolderPlus size={20} aria-hidden />}
        <span className="folder-name">{folder ? folder.name : 'Drop or choose'}</span>
        <span className="folder-words">{words}</span>
      </AriaButton>
      {folder ? (
        <span className="card-action">
          <IconButton label={`Take folder ${side} out`} icon={X} onPress={onClear} />
        </span>
      ) : null}
    </div>
  )
}

/** Two folders dropped at once are A and B in the order of their names. */
export function placeFolders(known: Folders, side: 'A' | 'B', dropped: readonly FileHandle[]): Folders {
  const [first, second] = dropped
  if (!first) return known
  if (!second) return side === 'A' ? { ...known, a: first } : { ...known, b: first }
  const inOrder = first.name.localeCompare(second.name) <= 0
  return inOrder ? { a: first, b: second } : { a: second, b: first }
}

type FolderPairProps = { folders: Folders; onChange: (folders: Folders) => void }

/** Where a project's pairs come from: drop two folders, or choose them one by one. */
export function FolderPair({ folders, onChange }: FolderPairProps) {
  const { a, b } = folders
  const take = (side: 'A' | 'B') => (dropped: FileHandle[]) => onChange(placeFolders(folders, side, dropped))
  return (
    <div className="folder-slots">
      <FolderSlot
        side="A"
        words="before"
        folder={a}
        onFolders={take('A')}
        onClear={() => onChange({ a: null, b })}
      />
      <FolderSlot
        side="B"
        words="after"
        folder={b}
        onFolders={take('B')}
        onClear={() => onChange({ a, b: null })}
      />
    </div>
  )
}
