/** The generator that an unpaired recipe names; `auto`: 9 residual blocks from squares of 256 px, 6 below, as published. */
export function resnetFor({ netG, cropSizePx }: { netG: string; cropSizePx: number }): string {
  if (netG !== 'auto') return netG
  return cropSizePx >= 256 ? 'resnet_9blocks' : 'resnet_6blocks'
}
