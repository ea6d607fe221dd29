#!/bin/sh
exec /usr/bin/node /usr/lib/stand-in.mjs
