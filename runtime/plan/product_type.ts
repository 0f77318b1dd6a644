/** What a GPU multiplies matrices in: float32, or float32 rounded to TF32. */
export const PRODUCT_TYPES = ['fp32', 'tf32'] as const;

export type ProductType = (typeof PRODUCT_TYPES)[number];

/** What each kind of device multiplies in. */
export const DEVICE_PRODUCTS: Readonly<Record<'cpu' | 'cuda', readonly ProductType[]>> = Object.freeze({
  cpu: ['fp32'],
  cuda: PRODUCT_TYPES,
});
