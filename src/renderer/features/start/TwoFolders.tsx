import { useState } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { FolderPair } from '../../components/FolderPair.tsx'
import type { Folders } from '../../components/FolderPair.tsx'
import { shellStore } from '../../stores/shell.ts'
import { createFromFolders } from '../../stores/start.ts'

function offerName({ a, b }: Folders): string {
  if (!a) return ''
  return b ? `${a.name} to ${b.name}` : a.name
}

/** Two folders become a project; one folder whose pictures hold both sides is enough too. */
export function TwoFolders() {
  const opening = useStore(shellStore, (state) => state.opening)
  const [folders, setFolders] = useState<Folders>({ a: null, b: null })
  const [typed, setTyped] = useState<string | null>(null)
  const name = typed ?? offerName(folders)
  const create = () => {
    if (folders.a && name.trim()) void createFromFolders(name.trim(), folders.a, folders.b)
  }
  return (
    <section className="start-section">
      <h2>Start from two folders</h2>
      <p>
        Every picture in A has its partner of the same name in B. Leave B empty where one picture holds both.
      </p>
      <FolderPair folders={folders} onChange={setFolders} />
      <div className="folder-create">
        <TextField className="name-field" value={name} onChange={setTyped} maxLength={200}>
          <Label>Name</Label>
          <Input className="field-box field-input" placeholder="What it is about" />
        </TextField>
        <Button variant="primary" onPress={create} isDisabled={!folders.a || !name.trim() || opening}>
          Create the project
        </Button>
      </div>
    </section>
  )
}
