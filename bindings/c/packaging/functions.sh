#!/bin/sh
# The names of the functions that a header declares, one a line, sorted. Comments do not count.
# usage: functions.sh tencent_chat.h
set -eu
grep -v '^ *[/*#]' "$1" | grep -o 'chat_[a-z0-9_]*(' | tr -d '(' | LC_ALL=C sort -u
