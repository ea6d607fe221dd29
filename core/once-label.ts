/** Marks containers that run once, before others, and end. */
export const onceLabel = 'haven.once=true';
