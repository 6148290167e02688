/**
 * What the samples of photographs and paintings are made of; make-photo-samples.mjs makes them. Licences are those that the
 * README files in the Debian package gcompris-qt-data state, file by file; only what is free of conditions was taken.
 */

const pd = 'public domain'
const cc0 = 'CC0-1.0'

/** Bundle in the package, and the folder in it. */
const shelves = {
  monuments: ['explore_monuments.rcc', 'explore_monuments/resource'],
  world: ['explore_world_animals.rcc', 'explore_world_animals/resource/animals'],
  farm: ['explore_farm_animals.rcc', 'explore_farm_animals/resource/animals'],
  erase: ['erase.rcc', 'erase/resource'],
  details: ['details.rcc', 'details/resource/image'],
}

/** Where a file lies: its bundle, and its path in it. */
export function originOf({ shelf, original }) {
  const [bundle, folder] = shelves[shelf]
  return { bundle, path: `gcompris/src/activities/${folder}/${original}` }
}

/** Split, our name, shelf, the package's name, author, licence, file on Wikimedia Commons. */
const photographRows = [
  [
    'train',
    'amphitheatre-of-arles',
    'monuments',
    'france/arlesAmphitheater.webp',
    '(WT-fr) OT Arles',
    pd,
    'Arenes_arles.JPG',
  ],
  [
    'train',
    'chambord',
    'monuments',
    'france/chateaudeChambord.webp',
    'BjörnT',
    pd,
    'Chambord_Frontansicht.JPG',
  ],
  [
    'train',
    'carcassonne',
    'monuments',
    'france/citedeCarcassonne.webp',
    'Petitemontagnedujura',
    pd,
    'Carcassonne_-_la_Cit%C3%A9.jpg',
  ],
  [
    'train',
    'mont-saint-michel',
    'monuments',
    'france/montStMichel.webp',
    'Ali Sabbagh',
    cc0,
    'Mont_Saint-Michel_IMG_5109_(48875955288).jpg',
  ],
  [
    'train',
    'palace-of-the-popes',
    'monuments',
    'france/palaisdesPapes.webp',
    'Tognopop',
    cc0,
    'Main_entrance_of_the_Palais_des_Papes_-_20050823.jpg',
  ],
  ['train', 'pont-du-gard', 'monuments', 'france/pontduGard.webp', 'Mimova', pd, 'Pontdugard.jpg'],
  [
    'train',
    'cathedral-of-reims',
    'monuments',
    'france/reimsCathedral.webp',
    'Mattana',
    pd,
    'Reims_Cathedrale_Notre_Dame_002_chevet.JPG',
  ],
  ['train', 'rocamadour', 'monuments', 'france/rocamadour.webp', 'François Darras', pd, 'Rocamadour_fda.jpg'],
  [
    'train',
    'cathedral-of-berlin',
    'monuments',
    'germany/berlinCathedral.webp',
    'Gary Todd',
    cc0,
    'Berlin_Cathedral_(28668994926).jpg',
  ],
  [
    'train',
    'palace-of-schwerin',
    'monuments',
    'germany/schwerinPalace.webp',
    'Hermann Luyken',
    cc0,
    '2012.02.26.121724_Schloss_Schwerin.jpg',
  ],
  [
    'train',
    'ajanta-caves',
    'monuments',
    'india/ajantaCave.webp',
    'Jonathanawhite',
    pd,
    'Aurangabad_-_Ajanta_Caves_(32).JPG',
  ],
  [
    'train',
    'hawa-mahal',
    'monuments',
    'india/hawaMahal.webp',
    'Janwiki',
    pd,
    'Hawa_Mahal,_Jaipur,_India.jpg',
  ],
  [
    'train',
    'great-wall',
    'monuments',
    'wonders/greatWallofChina.webp',
    'Nicolas Perrault III',
    cc0,
    'Great_Wall_of_China_July_2006.JPG',
  ],
  [
    'train',
    'canyon-de-chelly',
    'monuments',
    'usa/canyondeChelly.webp',
    'Nikater',
    pd,
    'Canyon_de_chelly09.jpg',
  ],
  ['train', 'petra', 'monuments', 'wonders/petra.webp', 'Berthold Werner', pd, 'Petra_Jordan_BW_36.JPG'],
  [
    'train',
    'fort-sumter',
    'monuments',
    'usa/fortSumter.webp',
    'Gary Todd',
    cc0,
    'Fort_Sumter,_South_Carolina_(12583090893).jpg',
  ],
  ['train', 'bison', 'world', 'bison.webp', 'Kurt Kaiser', cc0, 'American_Bison_9.jpg'],
  ['train', 'chameleon', 'world', 'chameleon.webp', 'Nilesh1104', pd, 'GARDEN_CHAMELEON.jpeg'],
  [
    'train',
    'giraffe',
    'world',
    'giraffe.webp',
    'Mike and Lara Wolfe',
    cc0,
    'Giraffe_courtship_(25657342808).jpg',
  ],
  ['train', 'jaguar', 'world', 'jaguar.webp', 'Frieda Bredesen', cc0, 'Two_Jaguar_Sisters.jpg'],
  ['train', 'kangaroo', 'world', 'kangaroo.webp', 'Vicki Nunn', pd, 'Eastern_Grey_Kangaroo_%26_Joey2.jpg'],
  ['train', 'lemur', 'world', 'lemur.webp', 'Mathias Appel', cc0, 'Lemur_(37122852696).jpg'],
  ['train', 'panda', 'world', 'panda.webp', 'Jeff Kubina', pd, 'Giant_Panda_2004-03-2.jpg'],
  ['train', 'chicken', 'farm', 'chicken.webp', 'Tranquilles', pd, 'Chickens_at_Tranquilles_B%26B.JPG'],
  ['train', 'cow', 'farm', 'cow.webp', 'Dohduhdah', pd, 'Cow-IMG_2050.JPG'],
  ['train', 'horse', 'farm', 'horse.webp', 'Seth Zeigler', cc0, 'Nokota_Horse_Stud_Band.jpg'],
  ['val', 'colosseum', 'monuments', 'wonders/colosseum.webp', 'Urse Ovidiu', pd, 'Colosseum_Roma_2009.jpg'],
  [
    'val',
    'machu-picchu',
    'monuments',
    'wonders/machuPicchu.webp',
    'Guillaume Pascal',
    cc0,
    'Yet_another_pic_of_machu_picchu.jpg',
  ],
  ['val', 'moose', 'world', 'moose.webp', 'Ryan Hagerty', pd, 'Male_Moose.jpg'],
  ['val', 'sheep', 'farm', 'sheep.webp', 'Rob Mitchell', cc0, 'Sheep_(33625876592).jpg'],
  [
    'test',
    'chenonceau',
    'monuments',
    'france/chateaudeChenonceau.webp',
    'Alf van Beem',
    pd,
    'Ch%C3%A2teau_de_Chenonceau_photo_1.JPG',
  ],
  [
    'test',
    'neuschwanstein',
    'monuments',
    'germany/neuschwansteinCastle.webp',
    'cameralends',
    cc0,
    'Neuschwanstein_Castle_(532850).jpg',
  ],
  [
    'test',
    'brandenburg-gate',
    'monuments',
    'germany/brandenburgGate.webp',
    'Evans1551',
    pd,
    'Brandenburg_Gate_(summer_2005).JPG',
  ],
  [
    'test',
    'mount-rushmore',
    'monuments',
    'usa/mountRushmore.webp',
    'Eekim',
    cc0,
    'Mount_Rushmore,_Keystone,_South_Dakota.jpg',
  ],
  [
    'test',
    'palace-of-mysore',
    'monuments',
    'india/mysorePalace.webp',
    'Shiva sg',
    pd,
    'Mysore_Palace_2006.jpg',
  ],
  [
    'test',
    'great-pyramid',
    'monuments',
    'egypt/greatPyramidOfGiza.webp',
    'Gary Todd',
    cc0,
    'Giza_Great_Pyramid_of_Khufu_(9793952173).jpg',
  ],
  [
    'test',
    'hedgehog',
    'world',
    'hedgehog.webp',
    'George Chernilevsky',
    pd,
    'Erinaceus_roumanicus_2020_G2.jpg',
  ],
  ['test', 'koala', 'world', 'koala.webp', 'BurningWell', pd, 'Koala_Perth_Zoo.jpg'],
  [
    'test',
    'macaw',
    'world',
    'scarlet_macaw.webp',
    'Dcoetzee',
    cc0,
    'Scarlet_macaw_at_Cougar_Mountain_Zoological_Park.jpg',
  ],
  ['test', 'kingfisher', 'erase', 'kingfisher.webp', 'Frank-2.0', cc0, 'Eisvogel_kingfisher.jpg'],
]

/** Their longer side is brought to 640 px. */
export const photographs = photographRows.map(([split, name, shelf, original, author, licence, commons]) => ({
  file: `${split}/${name}.webp`,
  shelf,
  original,
  author,
  licence,
  source: `https://commons.wikimedia.org/wiki/File:${commons}`,
}))

const gogh = (split, name, original, title) => ({
  file: `${split}/${name}.webp`,
  shelf: 'details',
  original: `${original}_background.webp`,
  title,
  author: 'Vincent van Gogh (1853-1890)',
  licence: pd,
})

/** Copied as they are, byte for byte. */
export const paintings = [
  gogh('train', 'church-at-auvers', 'Eglise_dAuvers-sur-Oise', 'The Church at Auvers'),
  gogh('train', 'cafe-terrace', 'Gogh4', 'Cafe Terrace at Night'),
  gogh('train', 'pere-tanguy', 'PortraitOfPereTanguy', 'Portrait of Pere Tanguy'),
  gogh('train', 'night-cafe', 'Van_Gogh_The_Night_Cafe', 'The Night Cafe'),
  gogh('train', 'road-to-tarascon', 'VincentVanGogh0013', 'The Painter on the Road to Tarascon'),
  gogh('train', 'harvest-at-la-crau', 'VincentVanGogh0019', 'Harvest at La Crau'),
  gogh('val', 'entrance-hall', 'VincentVanGogh0012', 'Entrance Hall of the Hospital of Saint-Paul'),
  gogh('test', 'drawbridge', 'VincentVanGoghBridge', 'The Langlois Bridge at Arles'),
]

/** Photographs of places: what Van Gogh might have painted. */
export const isPlace = ({ shelf }) => shelf === 'monuments'

export const photographsCard = {
  id: 'photographs',
  name: 'Restore old photographs',
  description:
    'One folder of 40 good photographs. Diptych spoils copies of them as years do, with scratches, dust, grain, blur and faded ' +
    'colours, and the model learns to bring the originals back.',
  direction: 'AtoB',
}

export const paintingCard = {
  id: 'photo-to-painting',
  name: 'Photographs to paintings',
  description:
    'Side A holds 24 photographs of places, side B 8 paintings by Vincent van Gogh; none belongs to another. ' +
    'So few teach colours and strokes, not mastery.',
  direction: 'AtoB',
}

const intro = `come from the Debian package gcompris-qt-data 3.1-2 (GCompris, a suite of games for children). Its README
files state the licence of each; only files in the public domain or under CC0 were taken, so that no condition is tied to
them. sample.json names author, licence, source and original file of each, with the SHA-256 of what is here.`

export const photographsSource = `${photographsCard.name}

The photographs ${intro}

Changes: the longer side was brought to 640 pixels; saved as WebP, quality 88.
scripts/make-photo-samples.mjs makes the set again.
`

export const paintingSource = `${paintingCard.name}

The paintings ${intro}
Vincent van Gogh died in 1890. The package calls its pictures of his paintings public domain as well.

Changes: none, only the names of the files.
Side A is taken from the sample "photographs" when a project is made; SOURCE-photographs.txt says where those come from.
scripts/make-photo-samples.mjs makes the set again.
`
