/** Marks containers that run once, before others, and exit. */
export const oneShotLabel = 'haven.once=true';
