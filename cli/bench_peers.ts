import type { PeerDevice } from '../bench/peer.js';
import { PEER_NAMES, type PeerName } from '../bench/table5/peers.js';
import type { LayerPeer } from './bench_layers.js';
import { CliError } from './errors.js';
import { someOf } from './values.js';

const somePeers = someOf(PEER_NAMES, {
  code: 'peer-unknown',
  rule: `peers are some of ${PEER_NAMES.join(', ')} with commas between them, or none`,
});

/** `torch,cudnn`: peers with commas between them; `none` is no peer. @throws CliError */
export function peerList(text: string): readonly PeerName[] {
  return text === 'none' ? [] : somePeers(text);
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

/** What a model is timed beside: an equal network in plain PyTorch, as it is and compiled. */
const MODEL_PEERS = ['torch', 'torch-compile'] as const;

/** The peers of `bench models`. @throws CliError if one is another than PyTorch's */
export function modelPeers(peers: readonly PeerName[] = ['torch']): readonly PeerName[] {
  const other = peers.find((name) => !(MODEL_PEERS as readonly string[]).includes(name));
  if (other === undefined) return peers;
  throw new CliError({
    code: 'peer-models',
    value: other,
    rule: `the peers of bench models are ${MODEL_PEERS.join(' and ')}, or none`,
    remedy: 'use --peers torch',
  });
}

/** The peers of `bench table5` unless they are given. */
export const TABLE_PEERS: Readonly<Record<PeerDevice['device'], readonly PeerName[]>> = {
  cpu: ['torch', 'onnxruntime'],
  cuda: ['torch', 'cudnn'],
};
