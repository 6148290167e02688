import { FolderClosed, FolderPlus, X } from 'lucide-react'
import { useState } from 'react'
import { Button as AriaButton, Input, Label, TextField } from 'react-aria-components'
import { useStore } from 'zustand'
import type { FileHandle } from '../../../core/files.ts'
import { ask } from '../../bridge.ts'
import { Button, IconButton } from '../../components/Button.tsx'
import { useDrop } from '../../components/useDrop.ts'
import { attempt } from '../../stores/notices.ts'
import { shellStore } from '../../stores/shell.ts'
import { createFromFolders } from '../../stores/start.ts'

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

/** "A" and "B" say little: a name is offered from what encloses or joins them. */
export function offerName(a: FileHandle | null, b: FileHandle | null): string {
  if (!a) return ''
  if (!b) return a.name
  return `${a.name} to ${b.name}`
}

/** Two folders become a project; one folder whose pictures hold both sides is enough too. */
export function TwoFolders() {
  const opening = useStore(shellStore, (state) => state.opening)
  const [a, setA] = useState<FileHandle | null>(null)
  const [b, setB] = useState<FileHandle | null>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const name = (typed ?? offerName(a, b)).trim()
  const take = (side: 'A' | 'B') => (folders: FileHandle[]) => {
    const [first, second] = folders
    if (!first) return
    if (second) {
      const [one, other] = [first, second].sort((left, right) => left.name.localeCompare(right.name))
      setA(one ?? first)
      setB(other ?? second)
    } else if (side === 'A') setA(first)
    else setB(first)
  }
  const create = () => {
    if (a && name) void createFromFolders(name, a, b)
  }
  return (
    <section className="start-section">
      <h2>Start from two folders</h2>
      <p>
        Every picture in A has its partner of the same name in B. Leave B empty where one picture holds both.
      </p>
      <div className="folder-slots">
        <FolderSlot side="A" words="before" folder={a} onFolders={take('A')} onClear={() => setA(null)} />
        <FolderSlot side="B" words="after" folder={b} onFolders={take('B')} onClear={() => setB(null)} />
      </div>
      <div className="folder-create">
        <TextField
          className="name-field"
          value={typed ?? offerName(a, b)}
          onChange={setTyped}
          maxLength={200}
        >
          <Label>Name</Label>
          <Input className="field-box field-input" placeholder="What it is about" />
        </TextField>
        <Button variant="primary" onPress={create} isDisabled={!a || !name || opening}>
          Create the project
        </Button>
      </div>
    </section>
  )
}
