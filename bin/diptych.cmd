@echo off
rem Runs the command line in the engine's Node; sets that up first where it is missing.
setlocal
set "root=%~dp0.."
set "node24="
for /f "usebackq delims=" %%p in (`node "%root%\scripts\setup\nodePath.mjs"`) do set "node24=%%p"
if not defined node24 exit /b 1
"%node24%" "%root%\src\cli\main.ts" %*
exit /b %errorlevel%
