#!/bin/sh
exec /usr/bin/node /usr/lib/stub.mjs
