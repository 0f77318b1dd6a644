/** Logarithm of the sum of exponentials, in float64 and without overflow. */
export function logSumExp(logits: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return most + Math.log(sum);
}

/** -log of the probability that softmax gives the label. */
export function crossEntropy(logits: Float32Array, label: number): number {
  return logSumExp(logits) - logits[label]!;
}
