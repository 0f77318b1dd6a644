import type { PeerDevice } from '../bench/peer.js';
import { PEER_NAMES, type PeerName } from '../bench/table5/peers.js';
import type { PeerName as LayerPeer } from './bench_layers.js';
import { CliError } from './errors.js';

/** `torch,cudnn`: peers with commas between them; `none` is no peer. @throws CliError */
export function peerList(text: string): readonly PeerName[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !(PEER_NAMES as readonly string[]).includes(name));
  if (wrong !== undefined)
    throw new CliError({
      code: 'peer-unknown',
      value: wrong,
      rule: `peers are some of ${PEER_NAMES.join(', ')} with commas between them, or none`,
      remedy: 'use for example torch',
    });
  return [...new Set(names as PeerName[])];
}

/** The peer of `bench layers`. @throws CliError if it is not PyTorch */
export function layerPeer(peers: readonly PeerName[] = ['torch']): LayerPeer {
  const other = peers.find((name) => name !== 'torch');
  if (other === undefined) return peers.length > 0 ? 'torch' : 'none';
  throw new CliError({
    code: 'peer-layers',
    value: other,
    rule: 'the peer of bench layers is torch (with cudnn.benchmark on), or none',
    remedy: 'use --peers torch, or oriented1d bench table5',
  });
}

/** The peers of `bench table5` unless they are given. */
export const TABLE_PEERS: Readonly<Record<PeerDevice['device'], readonly PeerName[]>> = {
  cpu: ['torch', 'onnxruntime'],
  cuda: ['torch', 'cudnn'],
};
