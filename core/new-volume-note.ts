/**
 * A file on the server that names the device of the volume that was just created. It is written once, when the volume
 * is: set-up creates a file system on no other device.
 */
export const newVolumeNote = '/home/haven/new-volume';
