#!/bin/sh
exec /usr/lib/stub/node /usr/lib/stub/program.mjs
