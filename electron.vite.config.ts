import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string) => resolve(import.meta.dirname, path)

// The engine and the command line are not built: plain Node runs their sources.
export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      externalizeDeps: { exclude: ['zod'] },
      rollupOptions: { input: at('src/main/index.ts'), output: { format: 'es', entryFileNames: 'index.js' } },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false,
      // A sandboxed preload script is one CommonJS file.
      rollupOptions: {
        input: at('src/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [react()],
    build: {
      outDir: at('out/renderer'),
      rollupOptions: { input: at('src/renderer/index.html') },
      // Nothing is ever inlined as data: the content security policy stays narrow.
      assetsInlineLimit: 0,
    },
  },
})
