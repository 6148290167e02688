import {
  BookOpen,
  ChevronDown,
  Cpu,
  FolderOpen,
  House,
  Keyboard,
  Moon,
  Sun,
  SunMoon,
  TriangleAlert,
  Zap,
} from 'lucide-react'
import {
  Button,
  Dialog,
  DialogTrigger,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  ToggleButton,
  ToggleButtonGroup,
} from 'react-aria-components'
import type { BackendInfo } from '../../../core/project/project.ts'
import { useStore } from 'zustand'
import { IconButton } from '../../components/Button.tsx'
import { Facts } from '../../components/States.tsx'
import { changeSettings, goTo, places, shellStore, showAside, showInFolder } from '../../stores/shell.ts'
import type { Place } from '../../stores/shell.ts'
import { chooseProject, closeProject } from '../../stores/start.ts'
import { deviceWords } from './device.ts'

const names: Record<Place, string> = {
  data: 'Data',
  train: 'Train',
  compare: 'Compare',
  translate: 'Translate',
  generate: 'Generate',
}

function Mark() {
  return (
    <svg className="mark" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="2" y="3" width="7" height="14" rx="1.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <rect
        x="11"
        y="3"
        width="7"
        height="14"
        rx="1.5"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1.5"
      />
    </svg>
  )
}

function ProjectMenu() {
  const project = useStore(shellStore, (state) => state.project)
  const actions: Record<string, () => void> = {
    start: closeProject,
    open: () => void chooseProject(),
    show: () => void (project && showInFolder(project.folder)),
  }
  return (
    <MenuTrigger>
      <Button className="project-button">
        <span className="project-name">{project ? project.project.name : 'No project'}</span>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className="popover" placement="bottom start" offset={4}>
        <Menu className="menu" aria-label="Project" onAction={(key) => actions[String(key)]?.()}>
          <MenuItem id="start" className="menu-item">
            <House size={16} aria-hidden /> Start page
          </MenuItem>
          <MenuItem id="open" className="menu-item">
            <FolderOpen size={16} aria-hidden /> Open another project
          </MenuItem>
          {project ? (
            <MenuItem id="show" className="menu-item">
              <FolderOpen size={16} aria-hidden /> Show in folder
            </MenuItem>
          ) : null}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

function Places() {
  const place = useStore(shellStore, (state) => state.place)
  const hasProject = useStore(shellStore, (state) => state.project !== null)
  return (
    <nav className="places" aria-label="Places">
      <ToggleButtonGroup
        className="places-list"
        aria-label="Places"
        selectionMode="single"
        selectedKeys={place === 'start' ? [] : [place]}
        onSelectionChange={(keys) => {
          const next = places.find((known) => keys.has(known))
          if (next) goTo(next)
        }}
      >
        {places.map((id) => (
          <ToggleButton key={id} id={id} className="place" isDisabled={!hasProject && id !== 'translate'}>
            {names[id]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </nav>
  )
}

function DeviceChip() {
  const engine = useStore(shellStore, (state) => state.engine)
  const view = useStore(shellStore, (state) => state.backend)
  const words = deviceWords(engine, view?.backend ?? null)
  const Icon = words.tone === 'warning' ? TriangleAlert : words.tone === 'fast' ? Zap : Cpu
  const backend = view?.backend
  return (
    <DialogTrigger>
      <Button
        className={`device-chip device-${words.tone}`}
        aria-label={`Device: ${words.short}. ${words.long}`}
      >
        <Icon size={16} aria-hidden />
        <span>{words.short}</span>
      </Button>
      <Popover className="popover" placement="bottom end" offset={4}>
        <Dialog className="device-card" aria-label="Device">
          <p>{words.long}</p>
          {backend ? (
            <Facts
              facts={[
                ['Device', backend.device],
                [
                  'Engine',
                  `${backend.kind === 'tensorflow' ? 'TensorFlow' : 'Plain JavaScript'} ${backend.version}`,
                ],
                ['Threads', String(backend.threads)],
                ['Precision', inWords(backend)],
              ]}
            />
          ) : null}
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}

/** `bfloat16: this processor computes in it (amx_bf16)` */
function inWords({ precision, precisionBecause }: BackendInfo): string {
  return precisionBecause ? `${precision}: ${precisionBecause}` : precision
}

const themes = { system: 'light', light: 'dark', dark: 'system' } as const
const themeIcons = { system: SunMoon, light: Sun, dark: Moon }
const themeWords = { system: 'as the system', light: 'light', dark: 'dark' }

export function Header() {
  const place = useStore(shellStore, (state) => state.place)
  const theme = useStore(shellStore, ({ settings }) => settings.theme)
  return (
    <header className="header">
      <div className="header-side">
        <Mark />
        {place === 'start' ? <span className="brand">Diptych</span> : <ProjectMenu />}
      </div>
      {place === 'start' ? null : <Places />}
      <div className="header-side header-end">
        <DeviceChip />
        <IconButton
          label={`Theme: ${themeWords[theme]}`}
          icon={themeIcons[theme]}
          onPress={() => changeSettings((settings) => ({ ...settings, theme: themes[settings.theme] }))}
        />
        <IconButton
          label="Keyboard shortcuts"
          icon={Keyboard}
          keys="?"
          onPress={() => showAside('shortcuts')}
        />
        <IconButton label="Guide" icon={BookOpen} keys="F1" onPress={() => showAside('guide')} />
      </div>
    </header>
  )
}
