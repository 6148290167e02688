import { Download, FolderOpen } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { exporterIds, exporters } from '../../../core/exporters/index.ts'
import { describeOptions } from '../../../core/options/describe.ts'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { OptionsForm } from '../../components/OptionsForm.tsx'
import { Segments } from '../../components/Segments.tsx'
import { RefusalNote, Section } from '../../components/States.tsx'
import { formatAmount } from '../../format.ts'
import { idle } from '../../stores/loadable.ts'
import { showInFolder } from '../../stores/shell.ts'
import { setOption } from '../../stores/training.ts'
import { exportResults, translateStore } from '../../stores/translate.ts'

function Exported() {
  const exported = useStore(translateStore, (state) => state.exported)
  if (exported.status === 'failed') return <RefusalNote refusal={exported.refusal} />
  if (exported.status !== 'ready') return null
  const { written, failed, folder } = exported.value
  return (
    <div className="exported" role="status">
      <p>
        {formatAmount(written.length, 'file')} written to {folder.name}.
      </p>
      {failed.map(({ file, message }) => (
        <RefusalNote key={file.id} refusal={{ code: 'export-failed', message: file.name, remedy: message }} />
      ))}
      <Button icon={FolderOpen} onPress={() => void showInFolder(written[0] ?? folder)}>
        Show in folder
      </Button>
    </div>
  )
}

/** One result of each picture, or all of them: a labelled set of all is more to train on from the same labels. */
function WhichVariants() {
  const isAll = useStore(translateStore, (state) => state.exportAll)
  return (
    <Segments
      label="Which variants"
      segments={[
        { id: 'picked', label: 'The picked ones' },
        { id: 'all', label: 'All variants' },
      ]}
      value={isAll ? 'all' : 'picked'}
      onChange={(id) => translateStore.setState({ exportAll: id === 'all' })}
    />
  )
}

/** The way out: every exporter's form is made from its declaration. */
export function ExportSection() {
  const hasVariants = useStore(translateStore, ({ items }) =>
    items.some(({ variants }) => variants.length > 1),
  )
  const exporter = useStore(translateStore, (state) => state.exporter)
  const values = useStore(translateStore, (state) => state.exportOptions)
  const isWriting = useStore(translateStore, (state) => state.exported.status === 'loading')
  const described = useMemo(() => describeOptions(exporters[exporter].options), [exporter])
  return (
    <Section title="Export">
      <Choice
        label="Export as"
        items={exporterIds.map((id) => ({ id, label: exporters[id].label, detail: exporters[id].summary }))}
        value={exporter}
        onChange={(id) => {
          const chosen = exporterIds.find((known) => known === id)
          if (chosen) translateStore.setState({ exporter: chosen, exportOptions: {}, exported: idle })
        }}
      />
      {hasVariants ? <WhichVariants /> : null}
      <OptionsForm
        options={described}
        values={values}
        onChange={(key, value) =>
          translateStore.setState(({ exportOptions }) => ({
            exportOptions: setOption(exportOptions, key, value),
          }))
        }
      />
      <Button
        variant="primary"
        icon={Download}
        wide
        onPress={() => void exportResults()}
        isDisabled={isWriting}
      >
        Export
      </Button>
      <Exported />
    </Section>
  )
}
