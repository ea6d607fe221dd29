/** Marks containers that run once, before others, and end. */
export const oneShotLabel = 'haven.once=true';
