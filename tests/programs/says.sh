#!/usr/bin/env bash
# says.sh TEXT COMMAND...: the command ends well, and what it prints matches the text, an extended regular expression in
# which \n is the end of a line.
set -euo pipefail
printf -v text %b "$1"
said=$("${@:2}" 2>&1) || { status=$?; echo "$said"; echo "it ended with $status"; exit 1; }
echo "$said"
[[ $said =~ $text ]]
