/**
 * Decides: what the admin plane may ask of storage.
 * Never: is reached by the data plane.
 */
// Each store is declared beside its implementation and joined here.
export type Stores = Record<string, never>;
